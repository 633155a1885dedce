import { afterAll, beforeAll, expect, test } from 'vitest';
import { addGoods } from './orders/testing.ts';
import { type Called, type CommerceTest, startCommerceTest } from './testing.ts';

/** Two connections, both of which one brand may hold; little patience. */
let t: CommerceTest;
beforeAll(async () => {
  t = await startCommerceTest({
    database: { maxConnections: 2, maxConnectionsPerBrand: 2, connectionTimeoutMs: 3_000, statementTimeoutMs: 3_000 },
    api: { requestTimeoutMs: 120_000 },
  });
  await addGoods(t, 'C-1', { onHand: 100 });
});
afterAll(() => t?.stop());

const anOrder = { currency: 'EUR', lines: [{ sku: 'C-1', quantity: 1 }] };
const order = (brand: 'atlas' | 'borea' = 'atlas') => t.call('POST', '/orders', { as: { brand }, body: anOrder });

function expectUnavailable({ status, headers, body }: Called) {
  expect([status, body.type, headers.get('retry-after')]).toEqual([
    503,
    'urn:uco:problem:unavailable',
    expect.stringMatching(/^\d$/),
  ]);
}

/** Runs `work` while somebody else holds the stock. */
async function whileStockIsHeld(work: () => Promise<void>): Promise<void> {
  await t.admin.query('BEGIN');
  await t.admin.query('SELECT FROM commerce.inventory FOR UPDATE');
  try {
    await work();
  } finally {
    await t.admin.query('ROLLBACK');
  }
}

async function untilWaiting(): Promise<number> {
  for (;;) {
    const { rows } = await t.admin.query<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE application_name = 'uco api' AND wait_event_type = 'Lock'",
    );
    if (rows[0] !== undefined) return rows[0].pid;
  }
}

// Each of these was a 500.
test('orders that wait too long for their stock get a 503, all of a group and each of a bulk', async () => {
  await whileStockIsHeld(async () => {
    for (const answer of await Promise.all([order(), order(), order()])) expectUnavailable(answer);
    expectUnavailable(await t.call('POST', '/orders/bulk', { body: { items: [anOrder] } }));
  });
  expect((await order()).status).toBe(201);
});

test('whose connection ends gets a 503, and the next one another connection', async () => {
  await whileStockIsHeld(async () => {
    const waiting = order();
    await t.admin.query('SELECT pg_terminate_backend($1)', [await untilWaiting()]);
    expectUnavailable(await waiting);
  });
  expect((await order()).status).toBe(201);
});

test('who gets no connection in time gets a 503', async () => {
  let free = () => {};
  const busy = new Promise<void>((resolve) => {
    free = resolve;
  });
  let begun = 0;
  const holders = [1, 2].map(() =>
    t.database.withTenant({ tenantId: t.atlas.id }, () => {
      begun += 1;
      return busy;
    }),
  );
  while (begun < 2) await new Promise((later) => setTimeout(later, 5));
  expectUnavailable(await order('borea'));
  free();
  await Promise.all(holders);
  expect((await order('borea')).status).toBe(422);
});
