import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ModelTest, startModelTest } from './testing.ts';

let test: ModelTest;
beforeAll(async () => {
  test = await startModelTest();
});
beforeEach(() => test.reset());
afterAll(() => test?.stop());

describe('facts.returns', () => {
  // Mutations: counting amount × quantity (amount is of the whole line); adding lines without cost to returns_with_cost.
  it('sums its lines, cost apart, with or without an order', async () => {
    await test.given({
      returns: [
        { id: 'r1', return_number: 'R1', order_id: 'o1' },
        { id: 'r2', return_number: 'R2' },
      ],
      return_items: [
        { id: 'j2', return_id: 'r1', line_no: 2, sku: 'B', quantity: 2, amount: '19.99', unit_cost: '3.5' },
        { id: 'j1', return_id: 'r1', amount: '0.0001', order_item_id: 'i1' },
        { id: 'j3', return_id: 'r2', amount: '5' },
        { id: 'j4', return_id: 'gone', amount: '5' },
      ],
    });
    expect(
      await test.rows(
        'facts.returns',
        `return_number, order_id, returns AS value, units_returned AS units, cogs_returned AS cost,
         returns_with_cost AS with_cost, lines_without_cost, lines.sku, lines.order_item_id`,
      ),
    ).toEqual([
      {
        return_number: 'R1',
        order_id: 'o1',
        value: '19.9901',
        units: '3',
        cost: '7.0000',
        with_cost: '19.9900',
        lines_without_cost: 1,
        'lines.sku': ['A', 'B'],
        'lines.order_item_id': ['i1', null],
      },
      {
        return_number: 'R2',
        order_id: null,
        value: '5.0000',
        units: '1',
        cost: '0.0000',
        with_cost: '0.0000',
        lines_without_cost: 1,
        'lines.sku': ['A'],
        'lines.order_item_id': [null],
      },
    ]);
  });

  // Mutations: no status filter in marts.returns; a tombstone that is not written.
  it('counts in the marts once refunded, and no more when deleted or a test', async () => {
    const value = () => test.rows('marts.returns', 'return_number, returns AS value, refunded_at');
    const item = { id: 'j1', return_id: 'r1' };
    await test.given({
      returns: [{ id: 'r1', return_number: 'R1', status: 'received', refunded_at: null }],
      return_items: [item],
    });
    expect(await value()).toEqual([]);
    await test.given({ returns: [{ id: 'r1', return_number: 'R1' }] });
    expect(await value()).toEqual([
      { return_number: 'R1', value: '10.0000', refunded_at: '2024-03-05 09:00:00.000000' },
    ]);
    await test.given({ returns: [{ id: 'r1', return_number: 'R1', is_test: true }] });
    expect(await value()).toEqual([]);
    await test.given({ returns: [{ id: 'r1', return_number: 'R1' }] });
    expect(await test.rows('marts.return_lines', 'sku, returns AS value')).toEqual([{ sku: 'A', value: '10.0000' }]);
    await test.given({ returns: [{ id: 'r1', _deleted: 1 }] });
    expect(await value()).toEqual([]);
  });
});
