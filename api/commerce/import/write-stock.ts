import { DEFAULT_WAREHOUSE } from '../tenants.ts';
import { entityId, idTime } from './entity-id.ts';
import { MOVEMENT_EVENTS } from './import-events.ts';
import type { ImportSession } from './import-session.ts';

/**
 * Stock corrections become movements of the brand's default warehouse. Imported sales and returns move nothing: they were
 * fulfilled elsewhere, before this system counted stock.
 */
/** `reference_id` is made of the natural key alone: the line is recognised even when a later file corrects its time. */
const COLLECT = `
  INSERT INTO import_movements (brand, id, existed, reference_id, variant_id, quantity, moved_at, note, record, line, opening)
  SELECT $2::text, ${entityId(idTime('l.placed_at'), '$1', 'movement', 'l.order_id', 'l.line_no')}, false,
    ${entityId(`'000000000000'`, '$1', 'movement', 'l.order_id', 'l.line_no')}, s.variant_id, l.quantity, l.placed_at,
    concat_ws(': ', l.order_id, l.product_name), l.record, l.line, false
  FROM import_lines l JOIN import_skus s ON s.brand = l.brand AND s.sku = l.sku
  WHERE l.brand = $2 AND l.type = 'stock_adjustment' AND l.reason IS NULL`;

const RECOGNISE = `
  UPDATE import_movements i SET existed = true
  FROM commerce.inventory_movements m
  WHERE i.brand = $2 AND m.tenant_id = $1 AND m.reference_type = 'import' AND m.reference_id = i.reference_id`;

const WAREHOUSE = `
  INSERT INTO commerce.warehouses (tenant_id, code, name) VALUES ($1, '${DEFAULT_WAREHOUSE}', 'Main warehouse')
  ON CONFLICT (tenant_id, code) DO NOTHING`;

const STOCK_ROWS = `
  INSERT INTO commerce.inventory (tenant_id, variant_id, warehouse_id)
  SELECT DISTINCT $1::uuid, variant_id, $3::uuid FROM import_movements WHERE brand = $2 AND NOT existed
  ON CONFLICT (tenant_id, variant_id, warehouse_id) DO NOTHING`;

/** Who else moves this stock waits until the import has done so. */
const LOCK = `
  SELECT 1 FROM commerce.inventory
  WHERE tenant_id = $1 AND warehouse_id = $3
    AND variant_id IN (SELECT variant_id FROM import_movements WHERE brand = $2 AND NOT existed)
  ORDER BY variant_id FOR UPDATE`;

/**
 * Where the history would go below zero: the least opening stock with which it does not. A unit that was written off existed.
 * Movements of one moment are taken together.
 */
const OPENING = `
  INSERT INTO import_movements (brand, id, existed, variant_id, quantity, moved_at, note, record, opening)
  SELECT $2::text, ${entityId(idTime('first_at'), '$1', 'opening', 'variant_id', 'first_reference')}, false, variant_id, -least, first_at,
    'Least stock with which the imported history never goes below zero', -1, true
  FROM (
    SELECT variant_id, min(running) AS least, min(moved_at) AS first_at, min(reference_id::text) AS first_reference
    FROM (
      SELECT variant_id, moved_at, reference_id, sum(quantity) OVER (PARTITION BY variant_id ORDER BY moved_at) AS running
      FROM (
        SELECT variant_id, moved_at, quantity, reference_id FROM import_movements WHERE brand = $2 AND NOT existed
        UNION ALL
        SELECT m.variant_id, m.moved_at, m.quantity, NULL FROM commerce.inventory_movements m
        WHERE m.tenant_id = $1 AND m.warehouse_id = $3 AND m.state = 'on_hand'
          AND m.variant_id IN (SELECT variant_id FROM import_movements WHERE brand = $2 AND NOT existed)
      ) history
    ) steps
    GROUP BY variant_id
  ) lowest
  WHERE least < 0 AND NOT (SELECT allow_negative_stock FROM commerce.tenants WHERE id = $1)`;

const MOVEMENTS = `
  INSERT INTO commerce.inventory_movements (tenant_id, id, variant_id, warehouse_id, state, quantity, reason, reference_type,
    reference_id, note, moved_at)
  SELECT $1::uuid, id, variant_id, $3, 'on_hand', quantity, CASE WHEN opening THEN 'opening_balance' ELSE 'adjustment' END,
    'import', CASE WHEN opening THEN current_setting('app.import_batch')::uuid ELSE reference_id END, note, moved_at
  FROM import_movements WHERE brand = $2 AND NOT existed
  ORDER BY moved_at, record`;

const APPLY = `
  UPDATE commerce.inventory i SET on_hand = i.on_hand + m.moved
  FROM (SELECT variant_id, sum(quantity)::integer AS moved FROM import_movements WHERE brand = $2 AND NOT existed GROUP BY variant_id) m
  WHERE i.tenant_id = $1 AND i.warehouse_id = $3 AND i.variant_id = m.variant_id AND m.moved <> 0`;

export interface StockCounts {
  readonly movements: number;
  readonly openingBalances: number;
}

/** Writes all stock corrections of the brand at once: whether stock suffices depends on the whole history. Within a transaction. */
export async function writeStock(session: ImportSession, brand: { id: string; slug: string }): Promise<StockCounts> {
  const key = [brand.id, brand.slug];
  const collected = await session.write(COLLECT, key);
  if (collected === 0) return { movements: 0, openingBalances: 0 };
  await session.query(RECOGNISE, key);
  const fresh = await session.query('SELECT 1 FROM import_movements WHERE brand = $1 AND NOT existed LIMIT 1', [
    brand.slug,
  ]);
  if (fresh.length === 0) return { movements: 0, openingBalances: 0 };
  await session.query(WAREHOUSE, [brand.id]);
  const [warehouse] = await session.query<{ id: string }>(
    'SELECT id FROM commerce.warehouses WHERE tenant_id = $1 AND code = $2',
    [brand.id, DEFAULT_WAREHOUSE],
  );
  const place = [...key, warehouse?.id];
  await session.query(STOCK_ROWS, place);
  await session.query(LOCK, place);
  const openingBalances = await session.write(OPENING, place);
  const movements = await session.write(MOVEMENTS, place);
  await session.query(MOVEMENT_EVENTS, place);
  await session.query(APPLY, place);
  return { movements: movements - openingBalances, openingBalances };
}
