import { createRandom } from '../../../verify/traffic/random.ts';
import type { BrandPlan } from '../brand-plan.ts';
import { DAY, HOUR, MINUTE } from '../calendar.ts';
import { WeightedPick } from '../weighted.ts';
import type { Action } from './life.ts';
import type { OpenOrder, Shop } from './shop.ts';
import { visitOfOrder } from './visits.ts';

type OpenStatus = 'placed' | 'confirmed' | 'picked' | 'packed' | 'partially_shipped' | 'shipped';

/** Last action that an order of this status has behind it. */
const BEHIND: Readonly<Record<OpenStatus, readonly Action['do'][]>> = {
  placed: [],
  confirmed: ['confirm'],
  picked: ['pick', 'confirm'],
  packed: ['pack', 'pick', 'confirm'],
  partially_shipped: ['pack', 'pick', 'confirm'],
  shipped: ['ship', 'pack', 'pick', 'confirm'],
};

/**
 * Takes up all orders that are open: those of live traffic where they are in their lives, those of the history at the pace of the
 * history. Orders that somebody else placed are left alone.
 */
export async function resume(shop: Shop): Promise<void> {
  for (const status of Object.keys(BEHIND) as OpenStatus[]) {
    for (let cursor: string | undefined, more = true; more; ) {
      const query = { status, limit: '200', ...(cursor === undefined ? {} : { cursor }) };
      const response = await shop.client.orders.$get({ header: {}, query });
      if (response.status !== 200) throw new Error(`orders: ${response.status} ${await response.text()}`);
      const page = await response.json();
      for (const order of page.items) shop.follow(order, actionsLeft(shop, order, status));
      cursor = page.nextCursor ?? undefined;
      more = cursor !== undefined;
    }
  }
}

function actionsLeft(shop: Shop, order: OpenOrder & { readonly updatedAt: string }, status: OpenStatus): Action[] {
  const { plan } = shop.options;
  const visit = visitOfOrder(shop.options, order.orderNumber);
  if (visit) {
    const done = visit.life.findIndex((action) => action.do === BEHIND[status][0]);
    return visit.life.slice(done + 1);
  }
  const ofHistory = new RegExp(`^${plan.prefix}-\\d{6}$`);
  return ofHistory.test(order.orderNumber) ? historyGoesOn(plan, order, status) : [];
}

/** From the last change on, as slowly as in the history; what is overdue after a long stop is spread over ten minutes. */
function historyGoesOn(
  plan: BrandPlan,
  { orderNumber, updatedAt }: OpenOrder & { readonly updatedAt: string },
  status: OpenStatus,
): Action[] {
  const random = createRandom(11).fork(orderNumber);
  const soonest = Date.now() + Math.floor(10 * MINUTE * random.next());
  let at = Date.parse(updatedAt);
  const after = (low: number, high: number) => {
    at = Math.max(at + low + Math.floor((high - low) * random.next()), soonest);
    return at;
  };
  // Whose payment has not come by now will not pay.
  if (status === 'placed') return [{ at: after(HOUR, 20 * HOUR), do: 'cancel' }];
  const behind = new Set(BEHIND[status]);
  const life: Action[] = [
    { at: behind.has('pick') ? at : after(6 * HOUR, 40 * HOUR), do: 'pick' },
    { at: behind.has('pack') ? at : after(10 * MINUTE, HOUR), do: 'pack' },
    {
      at: behind.has('ship') ? at : after(20 * MINUTE, 3 * HOUR),
      do: 'ship',
      carrier: new WeightedPick(plan.warehouses[0]?.carriers ?? []).pick(random),
    },
    { at: after(DAY, 4 * DAY), do: 'deliver' },
  ];
  return life.filter((action) => !behind.has(action.do));
}
