import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Row, uuid } from '../../transforms/testing.ts';
import { type ApiTest, brands, startApiTest } from '../testing.ts';
import { findBrands } from './asker.ts';
import { catalogue } from './catalogue.ts';
import { runQuery } from './query.ts';
import { type KpiQuery, kpiQuerySchema } from './request.ts';
import { runTogether } from './run-together.ts';

const seed = Number(process.env.TOGETHER_SEED ?? 11);
const tenants = ['t1', 't2', 't3', 't4', 't5'];
const asOf = { commitTime: null, position: '0/1', state: 'live' } as const;
const now = new Date('2024-03-15T12:00:00Z');

let test: ApiTest;
beforeAll(async () => {
  test = await startApiTest();
  await test.model.given({
    // t3 sells in two currencies, t4 in one that no rate leads out of, t5 not at all.
    tenants: [
      ...brands,
      { id: 't3', slug: 'cirro', name: 'Cirro', currency: 'EUR', timezone: 'Europe/London', status: 'active' },
      { id: 't4', slug: 'delta', name: 'Delta', currency: 'GBP', timezone: 'Europe/London', status: 'active' },
      { id: 't5', slug: 'empty', name: 'Empty', currency: 'EUR', timezone: 'Asia/Kathmandu', status: 'active' },
    ],
    ...ofBrands({ t1: ['EUR'], t2: ['GBP'], t3: ['EUR', 'GBP'], t4: ['SEK', 'GBP'] }),
    fx_rates: [
      { base_currency: 'EUR', quote_currency: 'GBP', rate_date: '2024-01-01', rate: '0.8571' },
      { base_currency: 'GBP', quote_currency: 'EUR', rate_date: '2024-01-01', rate: '1.1667' },
    ],
  });
  for (const tenant of [undefined, 't1', 't3']) await test.progress({ tenant, commit: now, applied: now });
});
afterAll(() => test?.stop());

/** Orders, returns, payments and stock of brands that sell in these currencies; some things are never recorded. */
function ofBrands(sells: Readonly<Record<string, readonly string[]>>): Record<string, Row[]> {
  const random = fc.sample(fc.array(fc.nat(1_000), { minLength: 12, maxLength: 12 }), { numRuns: 200, seed });
  const rows: Record<string, Row[]> = {};
  const add = (table: string, row: Row) => {
    rows[table] = [...(rows[table] ?? []), row];
  };
  let n = 0;
  for (const [tenant_id, currencies] of Object.entries(sells)) {
    for (const id of ['v1', 'v2']) {
      const cost: Row = tenant_id === 't2' ? {} : { unit_cost: '2.5', cost_currency: currencies[0] as string };
      add('products', { tenant_id, id: `p${id}`, name: `Product ${id}`, category: id === 'v1' ? 'Kitchen' : null });
      add('product_variants', { tenant_id, id, product_id: `p${id}`, sku: id, reorder_point: 5, ...cost });
      add('inventory', { tenant_id, id: `n${id}`, variant_id: id, warehouse_id: 'w1', on_hand: 9, available: n % 9 });
    }
    add('warehouses', { tenant_id, id: 'w1', code: 'KTM', name: 'Kathmandu' });
    for (let order = 0; order < 12; order++, n++) {
      const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = random[n] as number[];
      const day = (offset: number) => `2024-03-${String(1 + ((a + offset) % 14)).padStart(2, '0')} 0${b % 10}:30:00`;
      const currency = currencies[c % currencies.length] as string;
      const of = { tenant_id, order_id: `o${n}`, currency };
      const status = ['placed', 'confirmed', 'shipped', 'delivered', 'cancelled'][d % 5] as string;
      const channel = ['web', 'shop', null][e % 3] as string | null;
      add('orders', {
        ...{ tenant_id, id: `o${n}`, currency, status, channel, country: f % 2 === 0 ? 'DE' : null },
        ...{ customer_id: f % 5 === 0 ? null : `c${f % 4}`, placed_at: day(0), promised_at: day(3) },
      });
      for (const [line, sku] of ['v1', 'v2'].entries()) {
        const cost: Row = e % 4 === 0 ? {} : { unit_cost: `${b % 7}.13` };
        const price = { unit_price: `${a % 90}.99`, quantity: 1 + (b % 3), ...cost };
        const { tenant_id, order_id } = of;
        add('order_items', { tenant_id, order_id, id: `i${n}_${line}`, line_no: line, variant_id: sku, sku, ...price });
      }
      add('payments', { ...of, id: `y${n}`, status: c % 3 === 0 ? 'failed' : 'received', attempted_at: day(1) });
      if (d % 5 > 1) {
        const shipment = { shipped_at: day(1), delivered_at: d % 5 === 3 ? day(2) : null };
        add('shipments', { tenant_id, id: `s${n}`, order_id: `o${n}`, warehouse_id: 'w1', ...shipment });
      }
      if (f % 3 === 0) {
        add('returns', { tenant_id, id: `r${n}`, order_id: b % 2 ? `o${n}` : null, currency, refunded_at: day(4) });
        add('return_items', { tenant_id, id: `ri${n}`, return_id: `r${n}`, order_item_id: `i${n}_0`, amount: '2.5' });
        add('adjustments', { tenant_id, id: `a${n}`, currency, amount: `-${a}.01`, adjusted_at: day(5) });
      }
    }
  }
  return rows;
}

/** Queries of the measure, in every shape that makes another statement. */
function queriesOf(kpi: (typeof catalogue)[number]): fc.Arbitrary<KpiQuery> {
  const dimensions = kpi.dimensions.filter((dimension) => dimension !== 'brand');
  return fc
    .record({
      dimensions:
        dimensions.length === 0
          ? fc.constant([])
          : fc.subarray(dimensions, { maxLength: Math.min(2, dimensions.length) }),
      filter: dimensions.length === 0 ? fc.constant(null) : fc.option(fc.constantFrom(...dimensions)),
      grain: fc.option(fc.constantFrom('day', 'week', 'month')),
      timezone: fc.option(fc.constantFrom('UTC', 'Asia/Tokyo')),
      reportingCurrency: fc.option(fc.constantFrom('GBP', 'EUR')),
      limit: fc.option(fc.integer({ min: 1, max: 3 })),
      direction: fc.option(fc.constantFrom('asc', 'desc')),
      compared: fc.boolean(),
    })
    .map(({ dimensions, filter, grain, timezone, reportingCurrency, limit, direction, compared }) =>
      kpiQuerySchema.parse({
        ...{ measures: [kpi.id], dimensions },
        ...(kpi.isState ? {} : { timeRange: { from: '2024-03-01', to: '2024-03-11' } }),
        ...(kpi.isState || grain === null ? {} : { grain, withTotals: direction === 'asc' }),
        ...(kpi.isState || !compared ? {} : { compareTo: 'previous_period' }),
        ...(filter === null
          ? {}
          : {
              filters: [
                {
                  dimension: filter,
                  op: 'in',
                  values: [null, 'web', 'v1', 'DE', 'GBP', 'on_hand'].filter(
                    (value) => filter !== 'currency' || value === null || value === 'GBP',
                  ),
                },
              ],
            }),
        ...(timezone === null ? {} : { timezone }),
        ...(reportingCurrency === null ? {} : { reportingCurrency }),
        ...(limit === null ? {} : { limit }),
        ...(direction === null ? {} : { orderBy: [{ by: kpi.id, direction }] }),
      }),
    );
}

it('knows brands whose answers differ', async () => {
  const alone = await answersAlone(
    kpiQuerySchema.parse({ measures: ['net_sales'], timeRange: { preset: 'month_to_date' } }),
  );
  expect(new Set(alone.map((answer) => JSON.stringify(answer))).size).toBe(tenants.length);
});

// Red when: a limit cuts off brands, a total without rows is left out, a brand's currencies or rates are another's, a table that
// is joined loses its brand, days are those of one brand's zone.
it.each(catalogue)('$id is for several brands at once what it is for each alone', async (kpi) => {
  for (const query of fc.sample(queriesOf(kpi), { numRuns: 1, seed })) {
    expect(await answersTogether(query, kpi.platformOnly), JSON.stringify(query)).toEqual(
      await answersAlone(query, kpi.platformOnly),
    );
  }
});

it('reads what several brands ask in one statement, whatever each needs after that', async () => {
  const cost = { rowsRead: 0 };
  let statements = 0;
  const counted = {
    ...test.reader,
    forBrands: (ids: readonly string[]) => {
      statements++;
      return test.reader.forBrands(ids);
    },
  };
  const all = await findBrands(test.reader, tenants.map(uuid));
  const query = kpiQuerySchema.parse({
    measures: ['net_sales'],
    timeRange: { preset: 'month_to_date' },
    timezone: 'UTC',
  });
  const signal = AbortSignal.timeout(30_000);
  const together = { isPlatform: false, readers: counted, asOf, now, signal, cost };
  const outcomes = await runTogether(query, all, together);
  expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  expect(statements).toBe(1);
  expect(cost.rowsRead).toBeGreaterThan(0);
});

async function answersAlone(query: KpiQuery, isPlatform = false): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (const brand of await brandsInOrder()) {
    const asker = { isPlatform, brand, reader: test.reader.forBrand(brand.id), asOf };
    answers.push(await runQuery(query, asker, now).catch(problemOf));
  }
  return answers;
}

async function answersTogether(query: KpiQuery, isPlatform = false): Promise<unknown[]> {
  const signal = AbortSignal.timeout(30_000);
  const together = { isPlatform, readers: test.reader, asOf, now, signal, cost: { rowsRead: 0 } };
  const outcomes = await runTogether(query, await brandsInOrder(), together);
  return outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : problemOf(outcome.reason)));
}

async function brandsInOrder() {
  const all = await findBrands(test.reader, tenants.map(uuid));
  return all.sort((left, right) => (left.slug < right.slug ? -1 : 1));
}

function problemOf(error: unknown): unknown {
  const { type, message, errors } = error as { type?: string; message: string; errors?: unknown };
  return { type, message, errors };
}
