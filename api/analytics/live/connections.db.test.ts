import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SampleBrand } from '../../../sql/sample-brand.ts';
import { startApi } from '../../listen.ts';
import { Events, headersOf, type LiveTest, startLiveTest, streamPath } from './testing.ts';

let test: LiveTest;
let atlas: SampleBrand;
beforeAll(async () => {
  test = await startLiveTest();
  atlas = await test.brand('atlas');
  await test.instance.stream.drained();
});
afterAll(() => test?.stop());

const orders = { measures: ['orders'], timeRange: { preset: 'last_7_days' } };

it('says something now and then when there is nothing to say', async () => {
  const events = await test.api({ heartbeatMs: 50 }).watch(orders, { brand: atlas });
  await events.until(({ comments }) => comments.length > 2, 'three comments');
  expect(events.figures()).toHaveLength(1);
  await events.leave();
});

// Red when: who asks is looked at only when the stream begins.
it('ends a stream whose token has expired', async () => {
  const api = test.api({ admitMs: 100 });
  // Longer than it takes to begin, also on a machine that is busy.
  let response = await api.get(streamPath(orders), { brand: atlas, ttl: '3s' });
  if (response.status === 401) response = await api.get(streamPath(orders), { brand: atlas, ttl: '30s' });
  const events = new Events(response);
  expect(await events.ended).toBe(true);
  expect(events.all.at(-1)).toMatchObject({ event: 'bye', data: '{"reason":"access-ended"}' });
  expect(events.figures()).toHaveLength(1);
});

// Red when: a place is not given back; users are not told apart.
it('has so many places in all and for a user, and gives them again', async () => {
  const api = test.api({ streamsPerUser: 2, streams: 3 });
  const refusal = async (subject: string) => {
    const response = await api.get(streamPath(orders), { brand: atlas, subject });
    expect(response.headers.get('retry-after')).toBe('10');
    return [response.status, ((await response.json()) as { type: string }).type];
  };
  const ann = [
    await api.watch(orders, { brand: atlas, subject: 'ann' }),
    await api.watch(orders, { brand: atlas, subject: 'ann' }),
  ];
  expect(await refusal('ann')).toEqual([429, 'urn:uco:problem:too-many-requests']);
  const ben = await api.watch(orders, { brand: atlas, subject: 'ben' });
  expect(await refusal('cleo')).toEqual([429, 'urn:uco:problem:too-many-requests']);
  await ann[0]?.leave();
  const headers = await headersOf({ brand: atlas, subject: 'cleo' });
  expect((await api.app.request(streamPath(orders), { method: 'HEAD', headers })).status).toBe(200);
  expect(
    (await api.get(streamPath({ ...orders, timeRange: undefined }), { brand: atlas, subject: 'cleo' })).status,
  ).toBe(400);
  const cleo = await api.watch(orders, { brand: atlas, subject: 'cleo' });
  await Promise.all([ann[1], ben, cleo].map((events) => events?.leave()));
  expect(await api.gauge('streams')).toBe(0);
});

// Red when: events are queued for a client as they come, or wait for the slowest.
it('drops a client that does not read, and the others go on', async () => {
  const api = await startApi({ ...test.dependencies, host: '127.0.0.1', port: 0, liveLimits: { slowMs: 300 } });
  const sockets: Socket[] = [];
  try {
    const hourly = {
      measures: ['orders', 'units_sold', 'net_sales', 'gross_sales', 'discounts', 'taxes', 'aov'],
      timeRange: { preset: 'last_30_days' },
      grain: 'hour',
    };
    const path = streamPath(Array(24).fill(hourly));
    const headers = await headersOf({ brand: atlas, subject: 'sloth' });
    const socket = connect(api.port, '127.0.0.1').pause();
    sockets.push(socket.on('error', () => {}));
    socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: ${headers.authorization}\r\n\r\n`);

    const response = await fetch(`${api.url}${streamPath(orders)}`, { headers: await headersOf({ brand: atlas }) });
    const good = new Events(response);
    const metrics = async () => (await fetch(`${api.url}/metrics`)).text();
    const isDropped = async () => /^uco_live_dropped 1$/m.test(await metrics());
    let placed = 0;
    for (const end = Date.now() + 100_000; !(await isDropped()) && Date.now() < end; ) {
      await test.order(atlas);
      placed++;
      await good.until((events) => events.figures().at(-1)?.rows[0]?.orders === placed + 1);
    }
    expect(await metrics()).toMatch(/^uco_live_dropped 1$/m);
    expect(await metrics()).toMatch(/^uco_live_streams 1$/m);
    await test.order(atlas);
    await good.until((events) => events.figures().at(-1)?.rows[0]?.orders === placed + 2);
    await good.leave();
  } finally {
    for (const socket of sockets) socket.destroy();
    await api.close(0);
  }
}, 150_000);

// Red when: the API closes without telling its streams.
it('says good-bye when the API stops, and takes nobody in', async () => {
  const api = await startApi({ ...test.dependencies, host: '127.0.0.1', port: 0 });
  const headers = await headersOf({ brand: atlas });
  const events = new Events(await fetch(`${api.url}${streamPath(orders)}`, { headers }));
  await events.until(() => events.figures().length > 0);
  await api.close(30_000);
  expect(await events.ended).toBe(true);
  expect(events.all.at(-1)).toMatchObject({ event: 'bye', data: '{"reason":"shutdown"}' });
  expect(events.retries).toHaveLength(2);
});
