import type { AdminClient } from './postgres.ts';

/** A table of the schema `commerce` that row-level security does not fully cover. */
export interface UncoveredTable {
  readonly table: string;
  /** What is missing, in words. */
  readonly missing: string;
}

/** What every policy must hinge on: the brand of the transaction. */
const CONTEXT = "(NULLIF(current_setting('app.current_tenant_id'::text, true), ''::text))::uuid";

/**
 * Tables of the schema that are not covered: row-level security enabled and forced, and nothing but one policy for all
 * commands whose USING and WITH CHECK compare the brand with the transaction's. From the catalogue, so that a table added
 * later is found. Tables named in `shared` (no brand's own) may be read within any brand's context and written by nobody.
 */
export async function uncoveredTables(client: AdminClient, shared: ReadonlySet<string>): Promise<UncoveredTable[]> {
  const { rows } = await client.query<{
    table: string;
    enabled: boolean;
    forced: boolean;
    policies: { command: string; using: string | null; check: string | null }[] | null;
  }>(`
    SELECT c.relname AS table, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
      (SELECT jsonb_agg(jsonb_build_object('command', p.polcmd, 'using', pg_get_expr(p.polqual, c.oid),
         'check', pg_get_expr(p.polwithcheck, c.oid))) FROM pg_policy p WHERE p.polrelid = c.oid) AS policies
    FROM pg_class c
    WHERE c.relnamespace = 'commerce'::regnamespace AND c.relkind IN ('r', 'p', 'f', 'm', 'v')
    ORDER BY c.relname`);
  return rows.flatMap(({ table, enabled, forced, policies }) => {
    const own = `(${table === 'tenants' ? 'id' : 'tenant_id'} = ${CONTEXT})`;
    const using = shared.has(table) ? `(${CONTEXT} IS NOT NULL)` : own;
    const check = shared.has(table) ? 'false' : own;
    const [policy, ...others] = policies ?? [];
    const missing = [
      !enabled && 'not enabled',
      !forced && 'not forced',
      !policy && 'no policy',
      // Policies are alternatives: a second one can only open what the first one closes.
      others.length > 0 && 'more than one policy',
      policy && policy.command !== '*' && 'policy is not for all commands',
      policy && policy.using !== using && `USING is ${policy.using}`,
      policy && policy.check !== check && `WITH CHECK is ${policy.check}`,
    ].filter((finding) => typeof finding === 'string');
    return missing.length > 0 ? [{ table, missing: missing.join(', ') }] : [];
  });
}
