import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLog } from '../runtime/log.ts';
import { BrandTurns } from './commerce/brand-turns.ts';
import { COMMERCE_TEST_SECRET, type CommerceTest, startCommerceTest, tokenOf } from './commerce/testing.ts';
import { createApi } from './server.ts';

let t: CommerceTest;
const lines: string[] = [];

beforeAll(async () => {
  t = await startCommerceTest({
    database: { maxConnections: 4, maxConnectionsPerBrand: 2, maxWaitingPerBrand: 10, statementTimeoutMs: 120_000 },
    api: {
      requestTimeoutMs: 120_000,
      log: pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }),
    },
  });
});
afterAll(() => t?.stop());

const count = (answers: readonly { status: number }[], status: number) =>
  answers.filter((answer) => answer.status === status).length;

test('answers say where the brand stands; too many are refused with Retry-After, per brand and group', async () => {
  const limited = createApi({
    secret: COMMERCE_TEST_SECRET,
    reader: () => null,
    commerce: () => t.database,
    readiness: () => ({ reasons: [] }),
    log: createLog('api', 'silent'),
    rateLimits: { analytics: 5, reads: 5, writes: 0, bulk: 0 },
  });
  const ask = async (brand: 'atlas' | 'borea', path: string) =>
    limited.request(`/api/v1${path}`, { headers: { authorization: `Bearer ${await tokenOf({ brand }, t)}` } });
  const first = await ask('atlas', '/products/not-an-id');
  const standing = ['limit', 'remaining', 'reset'].map((name) => first.headers.get(`ratelimit-${name}`));
  expect([first.status, ...standing]).toEqual([400, '5', '4', expect.stringMatching(/^([1-9]|10)$/)]);
  const fields = ['ratelimit-policy', 'ratelimit'].map((name) => first.headers.get(name));
  expect(fields).toEqual(['"reads";q=5;w=10', `"reads";r=4;t=${standing[2]}`]);

  const many = await Promise.all(Array.from({ length: 40 }, () => ask('atlas', '/products/not-an-id')));
  const refused = many.filter(({ status }) => status === 429);
  // A window may end in between, on a slow machine.
  expect([refused.length >= 30, count(many, 400) + refused.length]).toEqual([true, 40]);
  expect(await refused[0]?.json()).toMatchObject({ type: 'urn:uco:problem:too-many-requests', status: 429 });
  expect(refused[0]?.headers.get('ratelimit-remaining')).toBe('0');
  expect(refused[0]?.headers.get('ratelimit')).toMatch(/^"reads";r=0;t=\d+$/);
  expect(refused[0]?.headers.get('retry-after')).toBe(refused[0]?.headers.get('ratelimit-reset'));
  expect((await ask('atlas', '/kpis')).status).toBe(200);
  expect((await ask('borea', '/products/not-an-id')).status).toBe(400);
  expect((await limited.request('/healthz')).headers.has('ratelimit-limit')).toBe(false);
});

// Red without turns per brand: A's 60 requests would hold all four connections, and B's would wait for them.
test('a brand that floods is refused, and another does not notice', async () => {
  const { id } = (await t.must('POST', '/products', { body: { name: 'Contended' } })).body;
  await t.admin.query('BEGIN');
  await t.admin.query('SELECT FROM commerce.products WHERE id = $1 FOR UPDATE', [id]);
  const flood = Promise.all(Array.from({ length: 60 }, () => t.call('POST', `/products/${id}/archive`)));
  const b = [];
  for (let n = 0; n < 20; n++)
    b.push(await t.call('POST', '/products', { as: { brand: 'borea' }, body: { name: `${n}` } }));
  expect(count(b, 201)).toBe(20);
  await t.admin.query('COMMIT');
  const a = await flood;
  expect([count(a, 200), count(a, 429)]).toEqual([12, 48]);
  expect(a.find(({ status }) => status === 429)?.headers.get('retry-after')).toBe('1');
});

// Red when the line holds the path as it was sent, a header or a body.
test('the request log is JSON with who asked which endpoint, and nothing personal', async () => {
  const subject = '0198c0de-0000-7000-8000-000000000001';
  lines.length = 0;
  const headers = { 'x-request-id': 'a-request-of-ours', 'user-agent': 'Ada/1.0', 'x-forwarded-for': '203.0.113.7' };
  const contacts = [{ name: 'Ada Lovelace', email: 'ada@example.org' }];
  const body = { customerNumber: 'LOG-1', contacts };
  const { id } = (await t.must('POST', '/customers', { body, headers, as: { subject } })).body;
  await t.must('GET', `/customers/${id}?`, { headers });
  await t.must('GET', '/customers?q=ada%40example.org', { headers });
  await t.call('GET', '/nothing/ada@example.org', { headers });
  const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(told[0]).toMatchObject({
    requestId: 'a-request-of-ours',
    method: 'POST',
    path: '/api/v1/customers',
    status: '201',
    ms: expect.any(Number),
    tenant: t.atlas.id,
    user: subject,
  });
  expect(told.map(({ path }) => path)).toEqual([
    '/api/v1/customers',
    '/api/v1/customers/:id',
    '/api/v1/customers',
    'unknown',
  ]);
  expect(lines.join('')).not.toMatch(/ada|203\.0/i);
});

describe('turns of brands', () => {
  const gate = () => {
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    return { open, opened };
  };

  test('come in order, whatever happens to the work before', async () => {
    const turns = new BrandTurns({ running: 1, waiting: 9 });
    const [order, { open, opened }] = [[] as number[], gate()];
    const work = (n: number) =>
      turns.run('a', undefined, async () => {
        await opened;
        order.push(n);
        if (n === 1) throw new Error('failed');
      });
    const all = Promise.allSettled([0, 1, 2, 3].map(work));
    open();
    await all;
    expect(order).toEqual([0, 1, 2, 3]);
    await expect(turns.run('a', undefined, async () => 'free again')).resolves.toBe('free again');
  });

  test('who goes away while waiting is not run and frees its place', async () => {
    const turns = new BrandTurns({ running: 1, waiting: 1 });
    const [{ open, opened }, leaving] = [gate(), new AbortController()];
    const first = turns.run('a', undefined, () => opened);
    let ran = false;
    const second = turns.run('a', leaving.signal, async () => {
      ran = true;
    });
    await expect(turns.run('a', undefined, async () => {})).rejects.toMatchObject({ type: 'too-many-requests' });
    leaving.abort(new Error('gone'));
    await expect(second).rejects.toThrow('gone');
    const third = turns.run('a', undefined, async () => 'third');
    open();
    await first;
    expect([await third, ran]).toEqual(['third', false]);
  });
});
