import { Problem, unprocessable } from '../../problem.ts';
import type { CommerceTransaction } from '../database.ts';
import { lockOrder } from './lock-order.ts';
import { timeOf } from './ship-order.ts';
import { requireLegal } from './state-machine.ts';

export interface DeliverRequest {
  readonly shipmentId?: string | undefined;
  readonly deliveredAt?: string | undefined;
}

/** One shipment has arrived, or all that are under way. The order is delivered when it has left whole and all of it has arrived. */
export async function deliverOrder(trx: CommerceTransaction, id: string, request: DeliverRequest): Promise<void> {
  const order = await lockOrder(trx, id);
  requireLegal(order.status, 'deliver');
  const deliveredAt = timeOf('deliveredAt', request.deliveredAt, order);
  const shipments = await trx.selectFrom('shipments').select(['id', 'status']).where('order_id', '=', id).execute();
  const wanted = request.shipmentId?.toLowerCase();
  if (wanted !== undefined && !shipments.some((shipment) => shipment.id === wanted)) {
    throw unprocessable({ path: 'shipmentId', message: 'there is no such shipment of this order' });
  }
  const arriving = shipments.filter(
    (shipment) => shipment.status !== 'delivered' && (wanted ?? shipment.id) === shipment.id,
  );
  if (arriving.length === 0 && (shipments.length > 0 || order.status !== 'shipped')) {
    throw new Problem('conflict', 'Nothing of it is under way.');
  }
  if (arriving.length > 0) {
    await trx
      .updateTable('shipments')
      .set({ status: 'delivered', delivered_at: deliveredAt })
      .where(
        'id',
        'in',
        arriving.map((shipment) => shipment.id),
      )
      .execute();
  }
  const underWay = shipments.filter(({ status }) => status !== 'delivered').length - arriving.length;
  if (order.status === 'shipped' && underWay === 0) {
    await trx.updateTable('orders').set({ status: 'delivered' }).where('id', '=', id).execute();
  }
}
