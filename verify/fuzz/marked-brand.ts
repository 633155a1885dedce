// Makes everything a brand has recognisable, so that a leak of any of it is seen.
import type { AdminPool } from '../../sql/postgres.ts';

export interface Marks {
  /** Unique texts, one for every text field of every row. */
  readonly markers: readonly string[];
  /** Ids of every row. */
  readonly ids: readonly string[];
  /** Columns (`table.column`) that could not be marked: their values come from fixed lists. */
  readonly unmarked: readonly string[];
  /** Field name as the API calls it → values of that column, markers included. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

export const MARKER = /mark-[a-z-]+-\d+x/g;

interface Column {
  readonly table: string;
  readonly column: string;
  readonly type: string;
}

const COLUMNS = `
  SELECT c.relname AS table, a.attname AS column, format_type(coalesce(nullif(t.typbasetype, 0), t.oid), NULL) AS type
  FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
  JOIN pg_type t ON t.oid = a.atttypid
  WHERE c.relnamespace = 'commerce'::regnamespace AND c.relkind = 'r'
    AND EXISTS (SELECT FROM pg_attribute b WHERE b.attrelid = c.oid AND b.attname = 'tenant_id' OR c.relname = 'tenants')
  ORDER BY 1, a.attnum`;

/**
 * Writes a unique marker into every text and jsonb field of the brand's rows, past triggers and foreign keys (what two tables say
 * of one thing differs afterwards, which nobody under test may see anyway).
 */
export async function markBrand(admin: AdminPool, tenantId: string): Promise<Marks> {
  const { rows: columns } = await admin.query<Column>(COLUMNS);
  const unmarked: string[] = [];
  const client = await admin.connect();
  try {
    await client.query('SET session_replication_role = replica');
    for (const { table, column, type } of columns.filter((one) => ['text', 'jsonb'].includes(one.type))) {
      // Ends with a letter: none is the beginning of another.
      const marker = `'mark-${`${table}-${column}`.replaceAll('_', '-')}-' || row_number() OVER () || 'x'`;
      // A password hash must look like one.
      const text = column === 'password_hash' ? "'$argon2id$' || m.marker" : 'm.marker';
      const value =
        type === 'text' ? text : "coalesce(nullif(t.%I, 'null'), '{}') || jsonb_build_object('mark', m.marker)";
      const brand = table === 'tenants' ? 'id' : 'tenant_id';
      const update = `UPDATE commerce.${table} t SET ${column} = ${value.replace('%I', column)}
        FROM (SELECT ctid AS place, ${marker} AS marker FROM commerce.${table} WHERE ${brand} = $1) m
        WHERE t.ctid = m.place`;
      await client.query(update, [tenantId]).catch(() => unmarked.push(`${table}.${column}`));
    }
  } finally {
    await client.query('RESET session_replication_role');
    client.release();
  }
  return { ...(await collect(admin, columns, tenantId)), unmarked };
}

async function collect(admin: AdminPool, columns: readonly Column[], tenantId: string) {
  const markers = new Set<string>();
  const ids = new Set<string>();
  const values = new Map<string, string[]>();
  const tables = [...new Set(columns.map(({ table }) => table))];
  for (const table of tables) {
    const brand = table === 'tenants' ? 'id' : 'tenant_id';
    const { rows } = await admin.query<{ row: Record<string, unknown> }>(
      `SELECT to_jsonb(t) AS row FROM commerce.${table} t WHERE ${brand} = $1`,
      [tenantId],
    );
    for (const { row } of rows) {
      for (const found of JSON.stringify(row).match(MARKER) ?? []) markers.add(found);
      for (const [column, value] of Object.entries(row)) {
        if (typeof value !== 'string') continue;
        if (column === 'id') ids.add(value);
        const field = column === 'id' ? `${table}/id` : camelCase(column);
        values.set(field, [...(values.get(field) ?? []), value]);
      }
    }
  }
  return { markers: [...markers], ids: [...ids], values };
}

/** A digest of everything the brand has, refused sign-ins aside: anybody may try its door. */
export async function digestOfBrand(admin: AdminPool, tenantId: string): Promise<Record<string, string>> {
  const { rows: columns } = await admin.query<Column>(COLUMNS);
  const digests: Record<string, string> = {};
  for (const table of new Set(columns.map((one) => one.table))) {
    const brand = table === 'tenants' ? 'id' : 'tenant_id';
    const { rows } = await admin.query<{ digest: string }>(
      `SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, '' ORDER BY t::text)), '') AS digest
       FROM commerce.${table} t WHERE ${brand} = $1 ${table === 'audit_logs' ? "AND action NOT IN ('SIGN_IN_REFUSED', 'SIGN_IN_LIMITED')" : ''}`,
      [tenantId],
    );
    digests[table] = rows[0]?.digest ?? '';
  }
  return digests;
}

const camelCase = (column: string) => column.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
