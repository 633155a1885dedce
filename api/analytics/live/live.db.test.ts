import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SampleBrand } from '../../../sql/sample-brand.ts';
import {
  type Events,
  headersOf,
  type LiveApi,
  type LiveEvent,
  type LiveTest,
  startLiveTest,
  streamPath,
} from './testing.ts';

let test: LiveTest;
let api: LiveApi;
let atlas: SampleBrand;
let borea: SampleBrand;
beforeAll(async () => {
  test = await startLiveTest();
  atlas = await test.brand('atlas');
  borea = await test.brand('borea');
  await test.order(borea);
  await test.instance.stream.drained();
  api = test.api();
});
afterAll(() => test?.stop());

const today = { timeRange: { preset: 'last_7_days' } } as const;
const orders = { measures: ['orders'], ...today };
const webOrders = (channel: string) => ({
  ...orders,
  filters: [{ dimension: 'channel', op: 'in', values: [channel] }],
});

const lsnOf = (position: string) =>
  BigInt(
    `0x${position
      .split('/')
      .map((half) => half.padStart(8, '0'))
      .join('')}`,
  );

describe('a stream', () => {
  // Red when: nothing watches ops.progress; a moved brand's queries are not computed anew.
  it('gives figures at once, again when its brand moves, and nothing when another does', async () => {
    const events = await api.watch(orders, { brand: atlas });
    await events.until(() => events.asOfs().length > 0);
    expect(events.all.slice(0, 2).map(({ event }) => event)).toEqual(['figures', 'as-of']);
    expect(events.retries).toHaveLength(1);
    const [first] = events.figures();
    expect(first).toMatchObject({ query: 0, rows: [{ orders: 1 }], timezone: 'Europe/London', comparison: null });

    await test.order(borea);
    await test.instance.stream.drained();
    await test.order(atlas);
    await events.until(() => events.figures().length > 1);
    expect(events.figures()[1]?.rows).toEqual([{ orders: 2 }]);
    await events.leave();
    expect(await api.gauge('streams')).toBe(0);
    expect(await api.gauge('queries')).toBe(0);
  });

  // Red when: the key of a shared computation lacks the brand, or the role's scope.
  it('gives each brand its own of the same query, and one computation to all who may see the same', async () => {
    const watching = [
      { brand: atlas },
      { brand: atlas, role: 'analyst' },
      { brand: borea },
      { role: 'executive' },
    ] as const;
    const streams = [];
    for (const one of watching) streams.push(await api.watch(orders, one));
    for (const events of streams) await events.until(() => events.figures().length > 0);
    const seen = streams.map((events) => events.figures()[0]?.rows[0]?.orders);
    expect(seen).toEqual([2, 2, 3, 5]);
    expect(streams.map((events) => events.figures()[0]?.timezone)).toEqual([
      'Europe/London',
      'Europe/London',
      'Europe/London',
      'UTC',
    ]);
    expect(await api.gauge('queries')).toBe(3);
    // What is cached for one brand is of no use to the other, written in whatever order.
    await test.order(borea);
    await streams[2]?.until((events) => events.figures().length > 1);
    const reversed = await api.watch({ timeRange: today.timeRange, measures: ['orders'] }, { brand: borea });
    await reversed.until(() => reversed.figures().length > 0);
    expect(reversed.figures()[0]?.rows).toEqual([{ orders: 4 }]);
    expect(await api.gauge('queries')).toBe(3);
    expect(streams[0]?.figures()).toHaveLength(1);
    await Promise.all([...streams, reversed].map((events) => events.leave()));
  });

  // Red when: a computation may begin as soon as the former is done.
  it('gives at most 4 results a second, and the last one in the end', async () => {
    const events = await api.watch(webOrders('burst'), { brand: atlas });
    await events.until(() => events.figures().length > 0);
    const begun = performance.now();
    for (let n = 0; n < 40; n++) await test.order(atlas, { channel: 'burst' });
    await events.until(() => events.figures().at(-1)?.rows[0]?.orders === 40);
    const seconds = (performance.now() - begun) / 1_000;
    expect(events.figures().length - 1).toBeLessThanOrEqual(Math.ceil(seconds * 4));
    const counts = events.figures().map(({ rows }) => Number(rows[0]?.orders));
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    await events.leave();
  });

  // Red when: ids name a position alone: what has changed of one query would hide behind another.
  it('goes on after the last event id with what has changed', async () => {
    const queries = [webOrders('first'), webOrders('second')];
    const before = await api.watch(queries, { brand: atlas });
    await before.until(() => before.asOfs().length > 0);
    await before.leave();
    const same = await api.watch(queries, { brand: atlas, lastEventId: before.lastId() });
    await same.until(() => same.asOfs().length > 0);
    expect(same.all.map(({ event }) => event)).not.toContain('figures');
    await same.leave();

    await test.order(atlas, { channel: 'second' });
    await test.instance.stream.drained();
    const after = await api.watch(queries, { brand: atlas, lastEventId: same.lastId() });
    await after.until(() => after.asOfs().length > 0);
    expect(after.figures(0)).toEqual([]);
    expect(after.figures(1).map(({ rows }) => rows)).toEqual([[{ orders: 1 }]]);
    await after.leave();
    const others = await api.watch([queries[1] as object, queries[0] as object], {
      brand: atlas,
      lastEventId: after.lastId(),
    });
    await others.until(() => others.asOfs().length > 0);
    expect(others.figures(0)).toHaveLength(1);
    expect(others.figures(1)).toHaveLength(1);
    await others.leave();
  });

  // Red when: rates, which no brand owns, move nobody; an error ends the stream, or hides the figures that follow.
  it('tells a problem that turns up later, and figures again when it is gone', async () => {
    await test.admin.query("INSERT INTO commerce.fx_rates VALUES ('GBP', 'CHF', '2000-01-01', 1.5, 'test')");
    await test.instance.stream.drained();
    const events = await api.watch(
      { ...webOrders('abroad'), measures: ['gross_sales'], reportingCurrency: 'CHF' },
      { brand: atlas },
    );
    await test.order(atlas, { channel: 'abroad' });
    await events.until(() => events.figures().at(-1)?.rows[0]?.gross_sales === '15.0000');
    await test.order(atlas, { channel: 'abroad', currency: 'SEK' });
    await events.until(() => events.all.some(({ event }) => event === 'problem'));
    const problem = JSON.parse(events.all.find(({ event }) => event === 'problem')?.data ?? '');
    expect(problem).toMatchObject({ query: 0, type: 'urn:uco:problem:missing-exchange-rate', status: 422 });
    await test.admin.query("INSERT INTO commerce.fx_rates VALUES ('SEK', 'CHF', '2000-01-01', 0.1, 'test')");
    await events.until(() => events.figures().at(-1)?.rows[0]?.gross_sales === '16.0000');
    await events.leave();
  });

  // Red when: presets are resolved once, or computations wait for a movement.
  it('turns at midnight of the zone although nothing moves', async () => {
    const midnight = new Date();
    midnight.setUTCHours(24 + 15, 0, 0, 0); // 15:00 UTC is midnight in Tokyo
    let now = new Date(midnight.getTime() - 1_000);
    const clocked = test.api({}, () => now);
    const query = { measures: ['orders'], timeRange: { preset: 'today' }, grain: 'day', timezone: 'Asia/Tokyo' };
    const events = await clocked.watch(query, { brand: atlas });
    await events.until(() => events.figures().length > 0);
    const days = () => events.figures().map(({ rows }) => rows.map(({ time }) => time));
    const day = (at: Date) => new Date(at.getTime() + 9 * 3_600_000).toISOString().slice(0, 10);
    expect(days()).toEqual([[day(now)]]);
    now = new Date(midnight.getTime() + 1);
    await events.until(() => events.figures().length > 1);
    expect(days()).toEqual([[day(new Date(midnight.getTime() - 1))], [day(midnight)]]);
    await events.leave();
  });

  // Red when: movements are told to all; none is told unless a figure changed, or one that came while the former rests is forgotten.
  it('tells that its brand moved, whatever becomes of its figures, also without any; nothing when another does', async () => {
    const watching = [[], webOrders('nowhere')];
    const streams = [];
    for (const queries of watching) streams.push(await api.watch(queries, { brand: atlas }));
    for (const events of streams) await events.until(() => events.asOfs().length > 0);
    const other = await api.watch([], { brand: borea });
    const moves = ({ all }: Events) => all.filter(({ event }) => event === 'moved');
    const [{ lsn }] = (await test.admin.query('SELECT pg_current_wal_lsn() AS lsn')).rows;
    const isPast = ({ data }: LiveEvent) => lsnOf(JSON.parse(data).position) > lsnOf(lsn);
    for (let n = 0; n < 2; n++) await test.order(atlas);
    await test.instance.stream.drained();
    for (const events of streams) await events.until(() => moves(events).some(isPast));
    expect(streams.map((events) => events.figures().length)).toEqual([0, 1]);
    // A stream that stood still for seconds moves everybody.
    const stoodStill = other.asOfs().some(({ state }) => state === 'stalled');
    expect(moves(other).some(isPast) && !stoodStill).toBe(false);
    await test.order(borea);
    await other.until((events) => moves(events).some(isPast));
    await Promise.all([...streams, other].map((events) => events.leave()));
  });
});

describe('a stream that can not start', () => {
  const refused: [string, string, number, string[]][] = [
    ['no JSON', '/api/v1/kpis/stream?query=%7B', 400, ['query[0]']],
    ['a text', `${streamPath(orders)}&query=%22x%22`, 400, ['query[1]']],
    ['a token in the URL', `${streamPath(orders)}&access_token=x`, 400, ['access_token']],
    ['an unknown measure', streamPath([orders, { measures: ['sales'] }]), 400, ['query[1].measures[0]']],
    ['no time range', streamPath([orders, { measures: ['orders'] }]), 400, ['query[1].timeRange']],
    ['33 queries', streamPath(Array(33).fill(orders)), 400, ['query']],
    ['a NUL', streamPath(webOrders('\0')), 400, ['query[0].filters[0].values[0]']],
    ['a brand for all', streamPath({ ...orders, dimensions: ['brand'] }), 403, ['query[0].dimensions[0]']],
  ];
  it.each(refused)('is refused with a problem: %s', async (_, path, status, paths) => {
    const response = await api.get(path, { brand: atlas });
    const text = await response.text();
    expect([response.status, text]).toEqual([status, expect.any(String)]);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const { errors } = JSON.parse(text) as { errors: { path: string }[] };
    expect(errors.map(({ path }) => path)).toEqual(paths);
    expect(await api.gauge('queries')).toBe(0);
  });

  it('is refused without a token, and for another brand', async () => {
    expect((await api.app.request(streamPath(orders))).status).toBe(401);
    const response = await api.app.request(streamPath(orders), {
      headers: { ...(await headersOf({ brand: atlas })), 'x-tenant-id': 'borea' },
    });
    expect(response.status).toBe(403);
  });
});
