import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiTest, type Asking, brands, startApiTest } from '../testing.ts';
import { grains } from './buckets.ts';
import { dimensions } from './catalogue/kpi.ts';
import { kpiIds } from './catalogue.ts';
import { presets } from './time-range.ts';

let test: ApiTest;
beforeAll(async () => {
  test = await startApiTest();
  await test.model.given({ tenants: brands, orders: [{ id: 'o1' }], order_items: [{ id: 'i1', order_id: 'o1' }] });
});
afterAll(() => test?.stop());

const timeRange = { from: '2024-03-01', to: '2024-04-01' };
const ok = { measures: ['orders'], timeRange };
const INJECTION = "x'); DROP TABLE facts.orders; --";

async function refusal(body: unknown, asking?: Asking): Promise<{ status: number; paths: string[] }> {
  const response = await test.ask(body, asking);
  const problem = (await response.json()) as { errors?: { path: string }[] };
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  return { status: response.status, paths: (problem.errors ?? []).map(({ path }) => path) };
}

describe('bad input', () => {
  it.each<[string, unknown, string]>([
    ['a body that is no object', [1], 'body'],
    ['an unknown key', { ...ok, mesures: [] }, 'mesures'],
    ['an unknown key inside', { ...ok, timeRange: { ...timeRange, till: 1 } }, 'timeRange.till'],
    ['an unknown measure', { ...ok, measures: ['orders', 'profit'] }, 'measures[1]'],
    ['no measure', { timeRange }, 'measures'],
    ['a measure twice', { ...ok, measures: ['orders', 'orders'] }, 'measures'],
    ['an unknown dimension', { ...ok, dimensions: ['planet'] }, 'dimensions[0]'],
    ['an inherited name as a measure', { ...ok, measures: ['constructor'] }, 'measures[0]'],
    ['a dimension the measure lacks', { ...ok, dimensions: ['warehouse'] }, 'dimensions[0]'],
    [
      'a filter the measure lacks',
      { ...ok, filters: [{ dimension: 'warehouse', op: 'in', values: ['x'] }] },
      'filters[0].dimension',
    ],
    ['an unknown zone', { ...ok, timezone: 'Europe/Atlantis' }, 'timezone'],
    ['a zone in other letters', { ...ok, timezone: 'europe/london' }, 'timezone'],
    ['an unknown currency', { ...ok, reportingCurrency: 'ABC' }, 'reportingCurrency'],
    [
      'an unknown currency in a filter',
      { ...ok, filters: [{ dimension: 'currency', op: 'in', values: ['eur'] }] },
      'filters[0].values[0]',
    ],
    ['from after to', { ...ok, timeRange: { from: '2024-04-01', to: '2024-03-01' } }, 'timeRange.from'],
    ['from equal to to', { ...ok, timeRange: { from: '2024-04-01', to: '2024-04-01' } }, 'timeRange.from'],
    ['no time range', { measures: ['orders'] }, 'timeRange'],
    ['a preset and dates', { ...ok, timeRange: { ...timeRange, preset: 'today' } }, 'timeRange'],
    [
      '10,000 buckets',
      { ...ok, timeRange: { from: '2023-01-01', to: '2024-02-21T16:00:00Z' }, grain: 'hour' },
      'grain',
    ],
    ['an unknown grain', { ...ok, grain: 'minute' }, 'grain'],
    ['a measure as a number', { ...ok, measures: [1] }, 'measures[0]'],
    ['a limit of 0', { ...ok, limit: 0 }, 'limit'],
    ['a limit that is not whole', { ...ok, limit: 1.5 }, 'limit'],
    ['a limit as text', { ...ok, limit: '10' }, 'limit'],
    ['an order by something else', { ...ok, orderBy: [{ by: 'net_sales', direction: 'asc' }] }, 'orderBy[0].by'],
    ['SQL as a direction', { ...ok, orderBy: [{ by: 'orders', direction: INJECTION }] }, 'orderBy[0].direction'],
    ['SQL as an order', { ...ok, orderBy: [{ by: INJECTION, direction: 'asc' }] }, 'orderBy[0].by'],
    ['SQL as a measure', { ...ok, measures: [INJECTION] }, 'measures[0]'],
    ['SQL as a dimension', { ...ok, dimensions: [INJECTION] }, 'dimensions[0]'],
    ['SQL as a zone', { ...ok, timezone: INJECTION }, 'timezone'],
    ['SQL as a currency', { ...ok, reportingCurrency: INJECTION }, 'reportingCurrency'],
    ['SQL as a date', { ...ok, timeRange: { from: INJECTION, to: '2024-03-01' } }, 'timeRange.from'],
    ['a NUL byte', { ...ok, filters: [{ dimension: 'channel', op: 'in', values: ['a\0b'] }] }, 'filters[0].values[0]'],
    [
      'half a character',
      { ...ok, filters: [{ dimension: 'channel', op: 'in', values: ['\ud800'] }] },
      'filters[0].values[0]',
    ],
    ['a comparison of a state', { measures: ['backlog'], timeRange, compareTo: 'previous_year' }, 'measures[0]'],
    ['a state beside stock by state', { measures: ['stock_by_state', 'inventory_value'] }, 'measures'],
  ])('%s is refused, and the field named', async (_, body, path) => {
    const { status, paths } = await refusal(body);
    expect(status).toBe(400);
    expect(paths).toContain(path);
  });

  it('names a brand that does not exist', async () => {
    const asking = { role: 'executive' } as const;
    const narrowed = await refusal(ok, { ...asking, header: 'x'.repeat(300) });
    expect(narrowed).toEqual({ status: 404, paths: ['header x-tenant-id'] });
    const filters = [{ dimension: 'brand', op: 'in', values: ['atlas', 'nobody', null] }];
    const paths = ['filters[0].values[1]', 'filters[0].values[2]'];
    expect(await refusal({ ...ok, filters }, asking)).toEqual({ status: 400, paths });
  });

  it('takes SQL in a value for a value', async () => {
    const values = [INJECTION, "'", '\\', "\\'", '{tenant:UUID}', '%', '`', '\n', '\t', '😀', "' OR 1=1 --", ']', '"'];
    const { rows } = await test.answer({ ...ok, filters: [{ dimension: 'channel', op: 'in', values }] });
    expect(rows).toEqual([{ orders: 0 }]);
    const all = await test.answer({ ...ok, filters: [{ dimension: 'channel', op: 'not_in', values }] });
    expect(all.rows).toEqual([{ orders: 1 }]);
  });

  // Prints seed and path when it fails: replay with fc.assert(…, { seed, path }).
  it('never becomes a failure of ours, whatever the body is', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom(INJECTION, '\0', '', 'null', '2024-01-01'),
    );
    const time = fc.oneof(
      fc.constantFrom('2024-01-01', '2024-03-01T00:00:00Z', '1900-01-02', '2299-12-30', '2024-02-30'),
      text,
    );
    const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
    const dimension = fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...dimensions) },
      { weight: 1, arbitrary: text },
    );
    const body = fc.record(
      {
        measures: fc.uniqueArray(
          fc.oneof({ weight: 30, arbitrary: fc.constantFrom(...kpiIds) }, { weight: 1, arbitrary: text }),
          { minLength: 1, maxLength: 3 },
        ),
        timeRange: fc.oneof(
          { weight: 6, arbitrary: fc.constant(timeRange) },
          { weight: 2, arbitrary: fc.record({ preset: fc.constantFrom(...presets) }) },
          { weight: 2, arbitrary: fc.record({ from: time, to: time }) },
        ),
        grain: maybe(fc.constantFrom(...grains)),
        dimensions: maybe(fc.uniqueArray(dimension, { maxLength: 2 })),
        filters: maybe(
          fc.array(
            fc.record({
              dimension,
              op: fc.constantFrom('in', 'not_in'),
              values: fc.array(fc.oneof(text, fc.constant(null)), { maxLength: 3 }),
            }),
            { maxLength: 2 },
          ),
        ),
        orderBy: maybe(
          fc.array(
            fc.record({
              by: fc.oneof(fc.constantFrom('time', 'orders'), dimension),
              direction: fc.constantFrom('asc', 'desc'),
            }),
            { maxLength: 2 },
          ),
        ),
        limit: maybe(fc.oneof(fc.integer({ min: -1, max: 5 }), fc.double())),
        compareTo: maybe(fc.constantFrom('previous_period', 'previous_year')),
        timezone: maybe(
          fc.oneof(
            fc.constantFrom('UTC', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Europe/Kyiv', 'Factory', 'EST5EDT'),
            text,
          ),
        ),
        reportingCurrency: maybe(fc.oneof(fc.constantFrom('EUR', 'GBP'), text)),
      },
      { requiredKeys: ['measures'] },
    );
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.oneof({ weight: 9, arbitrary: body }, { weight: 1, arbitrary: fc.jsonValue() }),
        fc.boolean(),
        async (one, isPlatform) => {
          const response = await test.ask(one, { role: isPlatform ? 'platform_admin' : 'analyst' });
          if (response.status === 200) answered++;
          else expect(response.status, await response.text()).toBeLessThan(500);
        },
      ),
      { numRuns: 150 },
    );
    expect(answered).toBeGreaterThan(5);
  }, 120_000);
});

describe('bucket keys in SQL', () => {
  // Mutation: ClickHouse's toStartOfMonth and the like, which know no date before 1970.
  it('are those of the buckets that are filled, in every zone', async () => {
    const { bucketSql } = await import('./bucket-sql.ts');
    const { bucketsOf } = await import('./buckets.ts');
    const instants = fc.sample(
      fc.oneof(
        fc.bigInt(-2_100_000_000_000_000n, 9_000_000_000_000_000n),
        // Around changes of the clock: London, Lord Howe, Sao Paulo, Kathmandu 1986.
        fc
          .tuple(
            fc.constantFrom(1711846800n, 1729990800n, 1712415600n, 1728142200n, 1541300400n, 504901800n),
            fc.bigInt(-7_200_000_000n, 7_200_000_000n),
          )
          .map(([at, off]) => at * 1_000_000n + off),
      ),
      300,
    );
    for (const zone of [
      'UTC',
      'Europe/London',
      'Asia/Kathmandu',
      'Australia/Lord_Howe',
      'America/Sao_Paulo',
      'Australia/Eucla',
      'Pacific/Apia',
    ]) {
      for (const grain of grains) {
        const sql = `SELECT toString(${bucketSql(grain, 'time', '{zone:String}')}) AS key
FROM (SELECT fromUnixTimestamp64Micro(arrayJoin({instants:Array(Int64)}), 'UTC') AS time)`;
        const rows = await test.reader.forPlatform().query<{ key: string }>({ sql, parameters: { zone, instants } });
        const expected = instants.map((from) => bucketsOf({ from, to: from + 1n }, grain, zone, 9)?.[0]?.key);
        const wrong = rows.flatMap(({ key }, i) =>
          key === expected[i] ? [] : [`${grain} ${zone} ${instants[i]}: ${key}, not ${expected[i]}`],
        );
        expect(wrong.slice(0, 3)).toEqual([]);
      }
    }
  });
});
