import { type ClickHouseClient, queryRows } from '../ingestion/clickhouse.ts';

/** A stretch of a raw table's rows in the order of its sort key (tenant_id, toUInt128(id)). */
export interface KeyRange {
  readonly from: Bound;
  /** Exclusive; null for the rest. */
  readonly to: Bound | null;
  /** Stored rows, replaced and deleted ones included. */
  readonly rows: number;
}

interface Bound {
  readonly tenant: string;
  /** toUInt128(id), decimal. */
  readonly key: string;
}

/** Cuts a raw table into stretches of about `size` rows, however they are spread over tenants. */
export async function keyRanges(
  clickhouse: ClickHouseClient,
  table: string,
  size: number,
): Promise<{ ranges: KeyRange[]; total: number }> {
  // Read in the order of the sort key, so this streams; several threads would number the rows at random.
  const query = `
    SELECT toString(tenant_id) AS tenant, toString(k) AS key, (SELECT count() FROM ${table}) AS total
    FROM (
      SELECT tenant_id, k, rowNumberInAllBlocks() AS row
      FROM (SELECT tenant_id, toUInt128(id) AS k FROM ${table} ORDER BY tenant_id, k)
    )
    WHERE row % {size:UInt64} = 0
    ORDER BY row
    SETTINGS max_threads = 1, optimize_read_in_order = 1`;
  const bounds = await queryRows<Bound & { total: string }>(clickhouse, query, { size });
  const total = Number(bounds[0]?.total ?? 0);
  const ranges = bounds.map(({ tenant, key }, index) => {
    const next = bounds[index + 1];
    const rows = next ? size : total - index * size;
    return { from: { tenant, key }, to: next ? { tenant: next.tenant, key: next.key } : null, rows };
  });
  return { ranges, total };
}

/** A table expression with the live entities (tenant_id, key) of a stretch. */
export function keysWithin(table: string, { from, to }: KeyRange): string {
  // A comparison of whole tuples finds no granules by itself: the bounds on the tenant, and on the key where the stretch
  // stays within one tenant, do.
  const conditions = [`tenant_id >= '${from.tenant}'`, `(tenant_id, toUInt128(id)) >= ${tuple(from)}`];
  if (to) conditions.push(`tenant_id <= '${to.tenant}'`, `(tenant_id, toUInt128(id)) < ${tuple(to)}`);
  if (to?.tenant === from.tenant) {
    conditions.push(`toUInt128(id) >= toUInt128('${from.key}')`, `toUInt128(id) < toUInt128('${to.key}')`);
  }
  return `(SELECT tenant_id, id AS key FROM ${table} FINAL WHERE ${conditions.join(' AND ')})`;
}

function tuple({ tenant, key }: Bound): string {
  return `(toUUID('${tenant}'), toUInt128('${key}'))`;
}
