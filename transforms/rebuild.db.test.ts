import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { queryRows } from '../ingestion/clickhouse.ts';
import { buildAll, prepareModels } from './build-all.ts';
import { loadModels } from './model.ts';
import { dropShadows, type RebuildProgress, rebuild } from './rebuild.ts';
import { type ModelTest, startModelTest } from './testing.ts';

let test: ModelTest;
beforeAll(async () => {
  test = await startModelTest();
});
beforeEach(() => test.reset());
afterAll(() => test?.stop());

const UNITS = 'tenant_id, units_sold AS units, status';
const numbered = (count: number, tenant = 't1') => ({
  orders: Array.from({ length: count }, (_, n) => ({ id: `${tenant}o${n}`, tenant_id: tenant })),
  order_items: Array.from({ length: count }, (_, n) => ({
    id: `${tenant}i${n}`,
    order_id: `${tenant}o${n}`,
    tenant_id: tenant,
    quantity: n + 1,
  })),
});
const start = (model?: string, chunk = 3) =>
  rebuild(test.clickhouse, { refresher: test.refresher, version: test.version, model, chunk });
const tables = () =>
  queryRows<{ name: string }>(test.clickhouse, `SELECT name FROM system.tables WHERE database = 'facts' ORDER BY name`);

async function all(progress: AsyncIterable<RebuildProgress>): Promise<RebuildProgress[]> {
  const steps: RebuildProgress[] = [];
  for await (const step of progress) steps.push(step);
  return steps;
}

describe('rebuild', () => {
  // Mutations: a bound that skips or repeats a key at a chunk's edge; a tenant's keys compared with another's.
  it('computes every order of every brand from raw, in chunks that cut brands anywhere', async () => {
    for (const tenant of ['t1', 't2', 't3']) await test.given(numbered(5, tenant));
    const before = await test.rows('facts.orders', UNITS);
    expect(before).toHaveLength(15);
    await test.clickhouse.command({ query: 'TRUNCATE TABLE facts.orders' });
    const steps = await all(start('facts.orders', 4));
    expect(steps.map(({ done, total, swapped }) => ({ done, total, swapped }))).toEqual([
      { done: 4, total: 15, swapped: false },
      { done: 8, total: 15, swapped: false },
      { done: 12, total: 15, swapped: false },
      { done: 15, total: 15, swapped: false },
      { done: 15, total: 15, swapped: true },
    ]);
    expect(await test.rows('facts.orders', UNITS)).toEqual(before);
    expect(await tables()).toEqual([{ name: 'orders' }, { name: 'returns' }]);
  });

  it('leaves nothing of entities that vanished without a change', async () => {
    await test.given(numbered(2));
    await test.clickhouse.command({ query: 'TRUNCATE TABLE raw.orders' });
    await all(start('marts.orders'));
    expect(await test.rows('facts.orders', UNITS)).toEqual([]);
  });

  // Mutations: refreshes written to the served table only (lost at the swap); rebuilt rows with a version above theirs.
  it('keeps what changes while it runs, whether its chunk was filled before or comes after', async () => {
    await test.given(numbered(6));
    const running = start('facts.orders', 2);
    await running.next();
    for (let n = 0; n < 6; n += 1) await test.given({ orders: [{ id: `t1o${n}`, status: 'shipped' }] });
    await test.given({ orders: [{ id: 't1o0', _deleted: 1 }, { id: 'new' }] });
    expect(await test.rows('facts.orders', 'status')).toHaveLength(6);
    await all(running);
    const after = await test.rows('facts.orders', 'status, units_sold AS units');
    expect(after.filter(({ status }) => status === 'shipped').map(({ units }) => units)).toEqual([
      '2',
      '3',
      '4',
      '5',
      '6',
    ]);
    expect(after).toContainEqual({ status: 'confirmed', units: '0' });
    expect(after).toHaveLength(6);
  });

  it('serves the old rows until it is done, and when it is broken off', async () => {
    await test.given(numbered(4));
    await test.clickhouse.command({ query: 'TRUNCATE TABLE raw.orders' });
    await test.store({ orders: [{ id: 't1o0', status: 'delivered' }] });
    const running = start('orders', 1);
    await running.next();
    expect(await test.rows('facts.orders', 'status')).toHaveLength(4);
    await running.return(undefined);
    expect(await test.rows('facts.orders', 'status')).toHaveLength(4);
    expect(await tables()).toEqual([{ name: 'orders' }, { name: 'returns' }]);
    // The refresher forgot the shadow: a refresh does not write to a table that is gone.
    await test.given({ orders: [{ id: 't1o0', status: 'cancelled' }] });
    expect(await test.rows('facts.orders', 'status')).toContainEqual({ status: 'cancelled' });
  });

  // Mutation: dropping the shadow before asking whether it is in use.
  it('refuses a second rebuild of a fact while one runs, and the first goes on', async () => {
    await test.given(numbered(4));
    const first = start('facts.orders', 1);
    await first.next();
    await expect(all(start('orders'))).rejects.toThrow('a rebuild of facts.orders is running already');
    await all(first);
    expect(await test.rows('facts.orders', UNITS)).toHaveLength(4);
  });

  it('names the models there are when asked for another', async () => {
    await expect(all(start('facts.nothing'))).rejects.toThrow(/no model facts.nothing; there are facts.orders/);
  });

  it('fills everything after a snapshot', async () => {
    await test.store({ ...numbered(3), returns: [{ id: 'r1' }], return_items: [{ id: 'j1', return_id: 'r1' }] });
    await all(buildAll(test.clickhouse, test.version()));
    expect(await test.rows('facts.orders', UNITS)).toHaveLength(3);
    expect(await test.rows('facts.returns', 'units_returned AS units')).toEqual([{ units: '1' }]);
    await test.given({ orders: [{ id: 't1o0', _deleted: 1 }] });
    expect(await test.rows('facts.orders', UNITS)).toHaveLength(2);
  });
});

describe('preparing the models at start', () => {
  it('does nothing when nothing changed, and drops what a killed rebuild left', async () => {
    await test.given(numbered(1));
    await test.clickhouse.command({ query: 'CREATE TABLE facts.orders__rebuild AS facts.orders' });
    expect(await all(prepareModels(test.clickhouse, test.version()))).toEqual([]);
    await dropShadows(test.clickhouse);
    expect(await tables()).toEqual([{ name: 'orders' }, { name: 'returns' }]);
  });

  it('rebuilds a fact whose file changed, in its new shape', async () => {
    await test.given(numbered(2));
    const models = loadModels().map((model) =>
      model.name === 'facts.orders'
        ? {
            ...model,
            create: model.create.replace('units_sold Int64', 'units_sold Int32'),
            fill: model.fill?.replace('sum(quantity) AS units_sold', 'sum(quantity) * 10 AS units_sold') ?? null,
            checksum: 'changed',
          }
        : model,
    );
    await all(prepareModels(test.clickhouse, test.version(), { models }));
    expect(await test.rows('marts.orders', 'units_sold AS units')).toEqual([{ units: 10 }, { units: 20 }]);
    await all(prepareModels(test.clickhouse, test.version()));
    expect(await test.rows('marts.orders', 'units_sold AS units')).toEqual([{ units: '1' }, { units: '2' }]);
  });
});
