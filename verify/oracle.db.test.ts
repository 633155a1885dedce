import { afterAll, beforeAll, expect, it } from 'vitest';
import { catalogue } from '../api/analytics/catalogue.ts';
import { startTestEngines, type TestEngines } from '../runtime/testing.ts';
import { migratePostgres } from '../sql/migrate-postgres.ts';
import { type AdminClient, connectAdmin } from '../sql/postgres.ts';
import { kpiQuestions } from './kpi-questions.ts';
import { beforeSnapshot, steps } from './mutations/scenario-steps.ts';
import { askOracle, type OracleFigure, oracleFamilies } from './oracle.ts';
import { readPublishedTables } from './published-tables.ts';
import { columnValues } from './traffic/column-values.ts';
import { runTraffic } from './traffic.ts';

let engines: TestEngines;
let client: AdminClient;

beforeAll(async () => {
  engines = await startTestEngines();
  await migratePostgres(engines.postgresUrl);
  client = await connectAdmin(engines.postgresUrl);
  await beforeSnapshot(client);
  for (const step of steps) await step(client);
});

afterAll(async () => {
  await client?.end();
  await engines?.stop();
});

async function ask(reportingCurrency: string | null): Promise<OracleFigure[]> {
  const figures: OracleFigure[] = [];
  for (const family of oracleFamilies)
    figures.push(...(await askOracle(client, family, { tenants: null, reportingCurrency })));
  return figures;
}

// Red when a figure of the oracle itself is wrong: these were worked out by hand from scenario-steps.ts.
it('computes figures that were worked out by hand', async () => {
  const figures = (await ask(null)).filter(({ scope, dimension }) => scope === 'one' && dimension === '');
  const value = (kpi: string, grain = 'total', bucket = '') =>
    figures.find((figure) => figure.kpi === kpi && figure.grain === grain && figure.bucket === bucket)?.value;
  expect(value('orders')).toBe('5');
  // 20:30 UTC of the 31st is 02:15 of the 1st in Kathmandu.
  expect(value('orders', 'day', '2025-04-01')).toBe('5');
  // 02:00 in Kathmandu is 20:15 UTC.
  expect(value('orders', 'hour', `${Date.UTC(2025, 2, 31, 20, 15) / 1_000}`)).toBe('5');
  // (6 + 9) × 0.1001 + 6 × 123456789012345.6789 + 6 × 5 + 6 × 19.99 EUR × 0.8512345678
  expect(value('gross_sales')).toBe('740740734074207.6720');
  expect(value('avg_ship_time')).toBe('1.479165');
  expect(value('delivery_time_p50')).toBe('207.499966');
  expect(value('on_time_rate')).toBe('0.000000');
  expect(value('payment_success_rate')).toBe('1.000000');
  expect(value('adjustments')).toBe('14.0002');
  expect(value('repeat_purchase_rate')).toBe('1.000000');
});

// Red when a KPI or a dimension is added to the catalogue and verify would silently not compare it.
it('knows every KPI and dimension that is asked', async () => {
  await runTraffic({ url: engines.postgresUrl, seed: 7, transactions: 40, brands: 2 });
  await client.query(
    `INSERT INTO commerce.inventory_movements (tenant_id, variant_id, warehouse_id, state, quantity, reason, moved_at)
     SELECT tenant_id, variant_id, warehouse_id, 'on_hand', -1, 'shipment', now() - interval '2 days'
     FROM commerce.inventory ORDER BY on_hand DESC LIMIT 1`,
  );
  const known = new Set(
    [...(await ask(null)), ...(await ask('EUR'))].map(({ kpi, grain, dimension }) => `${kpi} ${grain} ${dimension}`),
  );
  const asked = [true, false].flatMap((isPlatform) =>
    kpiQuestions(isPlatform).flatMap(({ measures, grain, oracleDimension }) =>
      measures.map(({ id }) => `${id} ${grain ?? 'total'} ${oracleDimension}`),
    ),
  );
  expect(asked.filter((question) => !known.has(question))).toEqual([]);
  const compared = new Set(asked.map((question) => question.split(' ')[0]));
  expect(catalogue.map(({ id }) => id).filter((id) => !compared.has(id))).toEqual(['freshness']);
});

// Red when a column is added to the schema that random traffic never changes.
it('traffic changes every published column', async () => {
  const fixed = new Set(['tenant_id', 'available', 'allow_negative']);
  const appended = new Set(['events', 'audit_logs', 'fx_rates', 'inventory_movements']);
  const tables = (await readPublishedTables(client)).filter(({ name }) => !appended.has(name));
  const forgotten = tables.flatMap(({ name, columns }) =>
    columns
      .filter((column) => !fixed.has(column.name) && !(name === 'tenants' && column.name === 'id'))
      .filter((column) => columnValues[name]?.[column.name] === undefined)
      .map((column) => `${name}.${column.name}`),
  );
  expect(forgotten).toEqual([]);
});
