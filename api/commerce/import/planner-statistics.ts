import type { ImportSession } from './import-session.ts';

/** Tables that lines of a file are compared with. */
const COMPARED = [
  'customers',
  'product_variants',
  'orders',
  'order_items',
  'shipments',
  'returns',
  'return_items',
  'adjustments',
  'inventory_movements',
];
const WORTH_COUNTING = 1_000;

/**
 * Counts again the tables that changed much since Postgres last looked. Until it has looked, which autovacuum does minutes
 * later, it takes a brand that was begun just now for one without rows, and joins what is stored with every line of the
 * file, pair by pair: going on with an import that was cut off took hours that way.
 */
export async function refreshStatistics(session: ImportSession): Promise<void> {
  const changed = await session.query<{ name: string }>(
    `SELECT format('commerce.%I', relname) AS name FROM pg_stat_user_tables
     WHERE schemaname = 'commerce' AND relname = ANY ($1) AND n_mod_since_analyze >= ${WORTH_COUNTING}`,
    [COMPARED],
  );
  if (changed.length > 0) await session.analyze(changed.map(({ name }) => name));
}
