import { Problem } from '../../problem.ts';

export const orderStatuses = [
  'placed',
  'confirmed',
  'picked',
  'packed',
  'partially_shipped',
  'shipped',
  'delivered',
  'cancelled',
] as const;

export type OrderStatus = (typeof orderStatuses)[number];

export type OrderStep = 'confirm' | 'pick' | 'pack' | 'ship' | 'deliver' | 'cancel';

/**
 * The steps each status allows. `ship` ends in `partially_shipped` while something is still to leave, `deliver` leaves the status
 * as it is while something has not arrived.
 */
export const legalSteps: Readonly<Record<OrderStatus, readonly OrderStep[]>> = {
  placed: ['confirm', 'cancel'],
  confirmed: ['pick', 'cancel'],
  picked: ['pack', 'cancel'],
  packed: ['ship', 'cancel'],
  partially_shipped: ['ship', 'deliver'],
  shipped: ['deliver'],
  delivered: [],
  cancelled: [],
};

/** Throws `illegal-transition`, which names the status and the steps it allows. */
export function requireLegal(status: OrderStatus, step: OrderStep): void {
  const legal = legalSteps[status];
  if (legal.includes(step)) return;
  const instead = legal.length > 0 ? `it allows ${legal.join(', ')}` : 'it is final';
  throw new Problem('illegal-transition', `An order that is ${status} can not take the step ${step}: ${instead}.`, {
    errors: [{ path: 'status', message: `is ${status}` }],
    members: { current: status, legal },
  });
}
