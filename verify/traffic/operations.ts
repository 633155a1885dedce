/** What can happen in a shop, each inside an open transaction. A refused statement (a constraint) is the caller's to bear. */
import { currencies } from './brands.ts';
import { money, text, uuidAt } from './random.ts';
import { burst, changeColumns, changeKey, moveLines, remove } from './rewriting.ts';
import { placeOrder, ship, takeBack } from './selling.ts';
import { insert, instant, someId, someTime, type Turn } from './turn.ts';

export interface Operation {
  readonly name: string;
  readonly weight: number;
  run(turn: Turn): Promise<void>;
}

async function addCustomers(turn: Turn): Promise<void> {
  const { random, brand } = turn;
  for (let count = random.integer(1, 3); count > 0; count--) {
    await insert(turn, 'customers', {
      tenant_id: brand.id,
      id: uuidAt(random, someTime(turn)),
      customer_number: `C${random.integer(1, 2 ** 40)}`,
      country: random.pick(['United Kingdom', 'France', null]),
    });
  }
}

async function adjust(turn: Turn): Promise<void> {
  const { random, brand } = turn;
  const time = someTime(turn);
  await insert(turn, 'adjustments', {
    tenant_id: brand.id,
    id: uuidAt(random, time),
    adjustment_number: `A${random.integer(1, 2 ** 40)}`,
    currency: random.pick(currencies),
    amount: `${random.pick(['', '-'])}${money(random)}`,
    country: random.pick(['France', null]),
    adjusted_at: instant(random, time),
  });
}

async function moveStock(turn: Turn): Promise<void> {
  const { random, brand, client } = turn;
  const [variant, warehouse] = [await someId(turn, 'product_variants'), await someId(turn, 'warehouses')];
  const state = random.pick(['on_hand', 'incoming', 'damaged', 'reserved']);
  const quantity = random.pick([-3, -1, 1, 5, 20]);
  // What leaves was shipped on a day around the window in which rates of sale are measured.
  const isShipped = state === 'on_hand' && quantity < 0;
  const movement = [brand.id, variant, warehouse, state, quantity, isShipped ? 'shipment' : 'adjustment'];
  await client.query(
    `INSERT INTO commerce.inventory_movements (tenant_id, variant_id, warehouse_id, state, quantity, reason, moved_at)
     VALUES ($1, $2, $3, $4, $5, $6, now() - make_interval(hours => $7))`,
    [...movement, isShipped ? random.integer(0, 31 * 24) : 0],
  );
}

async function setRate(turn: Turn): Promise<void> {
  const { random, client } = turn;
  const [base, quote] = [random.pick(currencies), random.pick(currencies)];
  if (base === quote) return;
  await client.query(
    `INSERT INTO commerce.fx_rates VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (base_currency, quote_currency, rate_date) DO UPDATE SET rate = excluded.rate, source = excluded.source`,
    [
      base,
      quote,
      new Date(someTime(turn)).toISOString().slice(0, 10),
      `0.${random.integer(1, 999_999_999)}`,
      text(random),
    ],
  );
}

export const operations: readonly Operation[] = [
  { name: 'place order', weight: 30, run: placeOrder },
  { name: 'ship', weight: 12, run: ship },
  { name: 'take back', weight: 8, run: takeBack },
  { name: 'change columns', weight: 25, run: changeColumns },
  { name: 'change key', weight: 4, run: changeKey },
  { name: 'remove', weight: 5, run: remove },
  { name: 'add customers', weight: 6, run: addCustomers },
  { name: 'adjust', weight: 3, run: adjust },
  { name: 'move stock', weight: 4, run: moveStock },
  { name: 'set rate', weight: 1, run: setRate },
  { name: 'burst', weight: 0.4, run: burst },
  { name: 'move lines', weight: 3, run: moveLines },
];
