import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { Problem } from '../../problem.ts';
import type { CommerceTransaction } from '../database.ts';
import { findVariant, findWarehouse } from './find-stock.ts';
import type { NewAdjustment, NewTransfer, StockMovement } from './inventory-schema.ts';
import { lockStock } from './lock-stock.ts';
import { movementsById } from './read-stock.ts';
import { stockRefusals } from './stock-constraints.ts';

/**
 * Corrects the stock by a signed number of units. On hand may fall below what is spoken for (a count finds what it finds), never below
 * zero; what is damaged must be on hand and free. Brands that allow negative stock may do both.
 */
export async function adjustStock(
  trx: CommerceTransaction,
  tenantId: string,
  request: NewAdjustment,
): Promise<StockMovement> {
  const { delta, reason, note } = request;
  const variant_id = await findVariant(trx, request);
  const warehouse_id = await findWarehouse(trx, 'warehouse', request.warehouse);
  if (reason === 'damage' && delta > 0) await requireAvailable(trx, variant_id, warehouse_id, delta, 'delta');
  const state = reason === 'damage' ? 'damaged' : 'on_hand';
  const { id } = await stockRefusals(() =>
    trx
      .insertInto('inventory_movements')
      .values({ tenant_id: tenantId, variant_id, warehouse_id, state, quantity: delta, reason, note: note ?? null })
      .returning('id')
      .executeTakeFirstOrThrow(),
  );
  return (await movementsById(trx, [id]))[0] as StockMovement;
}

/** Moves available units from one warehouse to another: both figures change, or neither. */
export async function transferStock(
  trx: CommerceTransaction,
  tenantId: string,
  request: NewTransfer,
): Promise<{ id: string; movements: StockMovement[] }> {
  const variant_id = await findVariant(trx, request);
  const from = await findWarehouse(trx, 'from', request.from);
  const to = await findWarehouse(trx, 'to', request.to);
  await requireAvailable(trx, variant_id, from, request.quantity, 'quantity');
  const id = uuidv7();
  const movement = (warehouse_id: string, quantity: number) => ({
    tenant_id: tenantId,
    variant_id,
    warehouse_id,
    state: 'on_hand' as const,
    quantity,
    reason: 'transfer' as const,
    reference_type: 'transfer',
    reference_id: id,
    note: request.note ?? null,
  });
  const movements = await stockRefusals(() =>
    trx
      .insertInto('inventory_movements')
      .values([movement(from, -request.quantity), movement(to, request.quantity)])
      .returning('id')
      .execute(),
  );
  return {
    id,
    movements: await movementsById(
      trx,
      movements.map((each) => each.id),
    ),
  };
}

/** Locks the stock of a variant and refuses when fewer units are available in a warehouse, unless the brand allows negative stock. */
export async function requireAvailable(
  trx: CommerceTransaction,
  variantId: string,
  warehouseId: string,
  units: number,
  path: string,
): Promise<void> {
  await lockStock(trx, [variantId]);
  const { rows } = await sql<{ available: number; free: boolean }>`
    SELECT coalesce(i.available, 0) AS available, t.allow_negative_stock AS free
    FROM commerce.tenants t
    LEFT JOIN commerce.inventory i ON i.tenant_id = t.id AND i.variant_id = ${variantId} AND i.warehouse_id = ${warehouseId}`.execute(
    trx,
  );
  const { available = 0, free = false } = rows[0] ?? {};
  if (available >= units || free) return;
  const message = `${available} units are available there`;
  throw new Problem('insufficient-stock', `${path}: ${message}.`, { errors: [{ path, message }] });
}
