import type { OrderStatus } from '../orders.ts';
import { texts } from '../texts.ts';

const TONES: Partial<Record<OrderStatus, string>> = { delivered: 'good', cancelled: 'bad', partially_shipped: 'warn' };

export function OrderStatusPill({ status }: { readonly status: OrderStatus }) {
  return (
    <span className="pill" data-tone={TONES[status]}>
      {texts.statuses[status]}
    </span>
  );
}
