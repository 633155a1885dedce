import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { uuid } from '../../transforms/testing.ts';
import { type ApiTest, brands, startApiTest } from '../testing.ts';
import type { Row } from './fill.ts';
import { formulaFunctions } from './formula-sql.ts';

const Exact = Decimal.clone({ precision: 200, rounding: Decimal.ROUND_HALF_UP });
const march = { from: '2024-03-01', to: '2024-04-01' };
const platform = { role: 'executive' } as const;

let test: ApiTest;
beforeAll(async () => {
  test = await startApiTest();
});
beforeEach(async () => {
  await test.model.reset();
  await test.model.given({ tenants: brands });
});
afterAll(() => test?.stop());

async function givenCurrencies(): Promise<void> {
  const orders: { id: string; [column: string]: string }[] = [
    { id: 'o1', currency: 'EUR', placed_at: '2024-03-01 10:00:00' },
    { id: 'o2', currency: 'USD', placed_at: '2024-03-01 10:00:00' },
    { id: 'o3', currency: 'USD', placed_at: '2024-03-03 23:59:59' },
    { id: 'o4', currency: 'USD', placed_at: '2024-03-04 00:00:00', customer_id: 'c1' },
  ];
  const rate = { base_currency: 'USD', quote_currency: 'EUR' };
  await test.model.given({
    orders,
    order_items: orders.map(({ id }) => ({ id: `i${id}`, order_id: id, unit_price: '0.0001', quantity: 5 })),
    fx_rates: [
      { ...rate, rate_date: '2024-02-20', rate: '0.9' },
      { ...rate, rate_date: '2024-03-04', rate: '0.1111111111' },
      { ...rate, quote_currency: 'GBP', rate_date: '2024-03-02', rate: '2' },
      { base_currency: 'EUR', quote_currency: 'USD', rate_date: '2024-01-01', rate: '1.1' },
    ],
  });
}

describe('money in several currencies', () => {
  // Mutations: the rate of the bucket's last day; rounding each entry; counting an order once per currency group.
  it('is converted at the rate of each entry’s day and rounded once', async () => {
    await givenCurrencies();
    const answer = await test.answer({ measures: ['gross_sales', 'orders', 'aov'], timeRange: march });
    // 0.0005 + 2 × 0.0005 × 0.9 + 0.0005 × 0.1111111111 = 0.00145555555555
    expect(answer.rows).toEqual([{ gross_sales: '0.0015', orders: 4, aov: '0.000364' }]);
    expect(answer.currency).toBe('EUR');
  });

  it('names the rate that is missing', async () => {
    await givenCurrencies();
    const response = await test.ask({ measures: ['net_sales'], timeRange: march, reportingCurrency: 'GBP' });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      type: 'urn:uco:problem:missing-exchange-rate',
      detail: 'there is no rate from EUR to GBP on or before 2024-03-01.',
      errors: [
        { path: 'reportingCurrency', message: 'there is no rate from EUR to GBP on or before 2024-03-01' },
        { path: 'reportingCurrency', message: 'there is no rate from USD to GBP on or before 2024-03-01' },
      ],
    });
  });

  it('is split by currency, and never added up unasked', async () => {
    await givenCurrencies();
    const split = await test.answer({ measures: ['gross_sales'], timeRange: march, dimensions: ['currency'] });
    expect(split.rows).toEqual([
      { currency: 'EUR', gross_sales: '0.0005' },
      { currency: 'USD', gross_sales: '0.0015' },
    ]);
    expect(split.currency).toBeNull();
    const response = await test.ask({ measures: ['aov'], timeRange: march }, platform);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ detail: expect.stringContaining('EUR, USD') });
    const only = {
      measures: ['gross_sales'],
      timeRange: march,
      filters: [{ dimension: 'currency', op: 'in', values: ['USD'] }],
    };
    expect((await test.answer(only, platform)).currency).toBe('USD');
    // Counts need no currency.
    expect((await test.answer({ measures: ['orders'], timeRange: march }, platform)).rows).toEqual([{ orders: 4 }]);
  });
});

describe('explanations', () => {
  // Mutation: a placeholder left in, a predicate left out, a value escaped wrongly.
  it('are SQL that gives the same figures to the brand’s own reader', async () => {
    await givenCurrencies();
    await test.model.given({
      orders: [{ id: 'o5', channel: "it's \\ a {tenant:UUID}", placed_at: '2024-03-05 00:00:00' }],
      order_items: [{ id: 'i5', order_id: 'o5', sku: "'; DROP TABLE x --" }],
    });
    for (const query of [
      { measures: ['net_sales', 'orders', 'aov', 'customers', 'new_customers'], timeRange: march },
      { measures: ['gross_sales'], timeRange: march, dimensions: ['currency'] },
      { measures: ['units_sold', 'discount_rate'], timeRange: march, dimensions: ['sku', 'channel'], grain: 'day' },
      {
        measures: ['units_sold'],
        timeRange: march,
        filters: [{ dimension: 'channel', op: 'in', values: ["it's \\ a {tenant:UUID}"] }],
      },
      {
        measures: ['units_sold'],
        timeRange: march,
        filters: [{ dimension: 'sku', op: 'not_in', values: ["'; DROP TABLE x --", null] }],
      },
    ]) {
      const { rows } = await test.answer(query);
      const explained = (await (await test.ask(query, { path: 'explain' })).json()) as { sql: string };
      expect(explained.sql).toContain(uuid('t1'));
      const ran = await test.reader.forBrand(uuid('t1')).query<Row>({ sql: explained.sql, parameters: {} });
      const figures = (all: readonly Row[]) =>
        all
          .map((row) => query.measures.map((id) => [row.sku, row.channel, row.currency, id, String(row[id])]).join('|'))
          .sort();
      const told = rows.filter((row) => !('time' in row) || row.units_sold !== 0);
      expect(told.length).toBeGreaterThan(0);
      expect(figures(ran)).toEqual(figures(told));
    }
  });
});

describe('exact arithmetic', () => {
  const money = fc.oneof(
    fc.bigInt(-(10n ** 15n), 10n ** 15n),
    fc.bigInt(-(10n ** 24n), 10n ** 24n),
    fc.bigInt(-30n, 30n),
  );
  const text = (units: bigint, scale: number) =>
    new Exact(units.toString()).div(new Exact(10).pow(scale)).toFixed(scale);

  // Mutations: toFloat64 anywhere; banker's rounding; truncation. On failure fast-check prints the seed: replay with { seed }.
  it('divides and rounds like decimal.js, half away from zero', async () => {
    const pairs = fc.sample(fc.tuple(money, money), 1_000);
    pairs.push([1n, 2_000_000n], [-1n, 2_000_000n], [3n, 2_000_000n], [1n, 0n], [5n, -3n], [0n, 7n]);
    const sql = `WITH ${formulaFunctions({ kind: 'as it stands' }).join(', ')}
SELECT ratio(toDecimal128(p.1, 4), toDecimal128(p.2, 4)) AS quotient
FROM (SELECT arrayJoin(arrayZip({n:Array(String)}, {d:Array(String)})) AS p)`;
    const parameters = { n: pairs.map(([n]) => text(n, 4)), d: pairs.map(([, d]) => text(d, 4)) };
    const rows = await test.reader.forPlatform().query<{ quotient: string | null }>({ sql, parameters });
    const expected = pairs.map(([n, d]) =>
      d === 0n
        ? null
        : new Exact(n.toString())
            .div(d.toString())
            .toDecimalPlaces(6)
            .toFixed(6)
            .replace(/^-(0\.0+)$/, '$1'),
    );
    expect(rows.map(({ quotient }) => quotient)).toEqual(expected);
  });

  it('rounds converted money like decimal.js', async () => {
    const values = [
      ...fc.sample(fc.bigInt(-(10n ** 30n), 10n ** 30n), 500),
      5_000_000_000n,
      -5_000_000_000n,
      4_999_999_999n,
      0n,
    ];
    const sql = `WITH ${formulaFunctions({ kind: 'convert', to: 'EUR' }).join(', ')}
SELECT money(toDecimal256(v, 14)) AS rounded FROM (SELECT arrayJoin({v:Array(String)}) AS v)`;
    const rows = await test.reader
      .forPlatform()
      .query<{ rounded: string }>({ sql, parameters: { v: values.map((v) => text(v, 14)) } });
    const expected = values.map((v) =>
      new Exact(text(v, 14))
        .toDecimalPlaces(4)
        .toFixed(4)
        .replace(/^-(0\.0+)$/, '$1'),
    );
    expect(rows.map(({ rounded }) => rounded)).toEqual(expected);
  });
});
