// Orders as the API shows them (GET /api/v1/orders), and how a dashboard asks for them.
import { type ApiProblem, api } from '../ui/api.ts';
import type { Page } from '../ui/pages.ts';
import type { KpiRows } from '../ui/rows.ts';

export const ORDER_STATUSES = [
  'placed',
  'confirmed',
  'picked',
  'packed',
  'partially_shipped',
  'shipped',
  'delivered',
  'cancelled',
] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

export interface OrderSummary {
  readonly id: string;
  readonly orderNumber: string;
  readonly customerId: string | null;
  readonly status: OrderStatus;
  readonly channel: string | null;
  readonly country: string | null;
  readonly currency: string;
  readonly isTest: boolean;
  readonly placedAt: string;
  readonly promisedAt: string | null;
  readonly cancelledAt: string | null;
  readonly gross: string;
  readonly discount: string;
  readonly tax: string;
  readonly shipping: string;
  readonly total: string;
}

export interface OrderLine {
  readonly id: string;
  readonly lineNo: number;
  readonly sku: string;
  readonly quantity: number;
  readonly unitPrice: string;
  readonly gross: string;
  readonly discount: string;
  readonly tax: string;
  readonly shipping: string;
  readonly shipped: number;
  readonly returned: number;
}

export type Address = Readonly<
  Record<'name' | 'line1' | 'line2' | 'city' | 'region' | 'postalCode' | 'country', string | null>
>;

export interface Order extends OrderSummary {
  readonly note: string | null;
  readonly paid: string;
  readonly lines: readonly OrderLine[];
  readonly allocations: readonly {
    readonly orderItemId: string;
    readonly warehouse: string;
    readonly quantity: number;
    readonly shipped: number;
  }[];
  readonly payments: readonly {
    readonly id: string;
    readonly amount: string;
    readonly method: string | null;
    readonly status: 'pending' | 'received' | 'failed';
    readonly attemptedAt: string;
  }[];
  readonly shipments: readonly {
    readonly id: string;
    readonly carrier: string | null;
    readonly trackingNumber: string | null;
    readonly status: string;
    readonly shippedAt: string | null;
    readonly deliveredAt: string | null;
    readonly lines: readonly { readonly orderItemId: string; readonly quantity: number }[];
  }[];
  readonly returns: readonly {
    readonly id: string;
    readonly returnNumber: string;
    readonly status: string;
    readonly refundedAt: string | null;
    readonly createdAt: string;
    readonly amount: string;
    readonly lines: readonly { readonly quantity: number; readonly restocked: boolean }[];
  }[];
  /** Only for those who may see contacts. */
  readonly addresses?: { readonly shipping: Address | null; readonly billing: Address | null };
}

export interface OrderEvent {
  readonly id: string;
  readonly type: string;
  readonly occurredAt: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What a list of orders is narrowed by; absent and empty parts do not narrow. */
export interface OrderFilters {
  readonly status?: string;
  readonly channel?: string;
  readonly country?: string;
  readonly q?: string;
  readonly sku?: string;
  readonly customerId?: string;
  /** Instants: inclusive, exclusive. */
  readonly placedFrom?: string;
  readonly placedTo?: string;
}

/** What a list of orders runs by; descending with a minus. The first when nothing is said. */
export const ORDER_SORTS = ['-placedAt', 'placedAt', '-total', 'total', 'status', '-status'] as const;
export type OrderSort = (typeof ORDER_SORTS)[number];

/** The newest orders. */
export async function newestOrders(count: number): Promise<readonly OrderSummary[]> {
  return (await api<Page<OrderSummary>>(`/api/v1/orders?limit=${count}`)).items;
}

export interface OrderStory {
  readonly order: Order;
  readonly events: readonly OrderEvent[];
}

/** An order by its number, with its events; null when there is none. `known` is its id, where that was asked before. */
export async function readOrder(number: string, known?: string): Promise<OrderStory | null> {
  const id = known ?? (await idOf(number));
  if (id === undefined) return null;
  const [order, events] = await Promise.all([
    api<Order>(`/api/v1/orders/${id}`),
    api<Page<OrderEvent>>(`/api/v1/orders/${id}/events?limit=200`),
  ]);
  return { order, events: events.items };
}

async function idOf(number: string): Promise<string | undefined> {
  const found = await api<Page<OrderSummary>>(`/api/v1/orders?limit=1&orderNumber=${encodeURIComponent(number)}`);
  return found.items[0]?.id;
}

export type OrderStep = 'confirm' | 'pick' | 'pack' | 'ship' | 'deliver' | 'cancel';

/** What is offered; the API decides what is allowed. */
export const stepsOf: Readonly<Record<OrderStatus, readonly OrderStep[]>> = {
  placed: ['confirm', 'cancel'],
  confirmed: ['pick', 'cancel'],
  picked: ['pack', 'cancel'],
  packed: ['ship', 'cancel'],
  partially_shipped: ['ship', 'deliver'],
  shipped: ['deliver'],
  delivered: [],
  cancelled: [],
};

/** Takes a step. Throws the API's problem: 409 says what the order allows instead. */
export function takeStep(id: string, step: OrderStep): Promise<Order> {
  const hasBody = step === 'ship' || step === 'deliver';
  return api(`/api/v1/orders/${id}/${step}`, { method: 'POST', ...(hasBody ? { body: {} } : {}) });
}

/** The exact instants of a page's period in the brand's zone. */
export async function spanOf(timeRange: unknown): Promise<{ from: string; to: string }> {
  const rows = await api<KpiRows>('/api/v1/kpis/rows', {
    method: 'POST',
    body: { measure: 'orders', timeRange, limit: 1 },
  });
  return rows.span ?? { from: '', to: '' };
}

export type { ApiProblem };
