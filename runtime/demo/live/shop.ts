import { type ClientOptions, createClient } from '../../../api/client.ts';
import type { Log } from '../../log.ts';
import { MINUTE } from '../calendar.ts';
import { Agenda } from './agenda.ts';
import type { Action } from './life.ts';
import { restock } from './restock.ts';
import { resume } from './resume.ts';
import { type Market, minuteOf, type Visit, visitsOf } from './visits.ts';

export type Client = ReturnType<typeof createClient>;

export interface ShopOptions extends Market {
  readonly url: string;
  readonly client: ClientOptions;
  readonly log: Log;
}

/** An order under way; `total` is decimal text. */
export interface OpenOrder {
  readonly id: string;
  readonly orderNumber: string;
  readonly total: string;
}

/** More visitors than this waiting means that orders can't be placed: those who come now leave. */
const MOST_WAITING = 60;

/**
 * One brand's traffic as its customers and its staff would send it: through the public API alone. What is to happen follows from
 * the minute, and every create carries its own Idempotency-Key: whoever starts again goes on without doing anything twice.
 */
export class Shop {
  readonly agenda = new Agenda();
  readonly client: Client;
  readonly options: ShopOptions;
  private readonly known = new Set<string>();
  private nextMinute: number;
  private waiting = 0;

  constructor(options: ShopOptions) {
    this.options = options;
    this.client = createClient(options.url, options.client);
    this.nextMinute = minuteOf(Date.now());
  }

  /** Runs until `signal` fires. */
  async run(signal: AbortSignal): Promise<void> {
    await resume(this);
    this.agenda.add(Date.now() + 10_000, () => this.restockAndAgain());
    while (!signal.aborted) {
      for (; this.nextMinute <= minuteOf(Date.now()); this.nextMinute++) this.open(this.nextMinute);
      await this.agenda.work(signal, (error) => {
        if (!signal.aborted)
          this.options.log.warn({ brand: this.options.plan.slug, error: String(error) }, 'left undone');
      });
    }
  }

  /** Carries on with an order's actions. */
  follow(order: OpenOrder, actions: readonly Action[]): void {
    this.known.add(order.orderNumber);
    const [next, ...rest] = actions;
    if (next === undefined) {
      this.known.delete(order.orderNumber);
      return;
    }
    this.agenda.add(next.at, async () => {
      await this.act(order, next);
      this.follow(order, rest);
    });
  }

  private open(minute: number): void {
    for (const visit of visitsOf(this.options, minute)) {
      if (this.known.has(visit.orderNumber) || this.waiting >= MOST_WAITING) continue;
      this.waiting++;
      this.agenda.add(visit.at, () => this.place(visit).finally(() => this.waiting--));
    }
  }

  private async place(visit: Visit): Promise<void> {
    const { plan, liveDay } = this.options;
    const { orderNumber, customer, country } = visit;
    if (customer.contact) {
      await this.client.customers.$post({
        header: { 'idempotency-key': `demo-${customer.number}` },
        json: { customerNumber: customer.number, country: country.country, contacts: [customer.contact] },
      });
    }
    const response = await this.client.orders.$post({
      header: { 'idempotency-key': `demo-${orderNumber}` },
      json: {
        orderNumber,
        customerNumber: customer.number,
        channel: visit.channel,
        country: country.country,
        currency: plan.currency,
        placedAt: new Date(visit.at).toISOString(),
        promisedAt: new Date(visit.at + country.promise * liveDay).toISOString(),
        lines: visit.lines.map(({ sku, quantity }) => ({ sku, quantity })),
        discount: visit.discount,
        shipping: visit.shipping,
      },
    });
    if (response.ok) return this.follow(await response.json(), visit.life);
    // What they wanted is out of stock, and they leave.
    if (statusOf(response) === 409) return;
    throw new Error(`${orderNumber}: ${response.status} ${await response.text()}`);
  }

  /** One action; that it was done before, or is not possible any more (409, 412), is as good. */
  private async act(order: OpenOrder, action: Action): Promise<void> {
    const { id, orderNumber } = order;
    const response = await this.send(order, action);
    if (response.ok || statusOf(response) === 409) return;
    throw new Error(`${orderNumber} (${id}): ${action.do} got ${response.status} ${await response.text()}`);
  }

  private async send({ id, orderNumber, total }: OpenOrder, action: Action) {
    const { stepsOfOrder: steps, moneyOfOrder: cash } = this.client;
    const order = { param: { id }, header: {} };
    const once = (what: string) => ({ param: { id }, header: { 'idempotency-key': `demo-${orderNumber}-${what}` } });
    switch (action.do) {
      case 'pay': {
        const json = { amount: total, method: action.method, status: action.received ? 'received' : 'failed' } as const;
        return cash.payments.$post({ ...once(`payment-${action.attempt}`), json });
      }
      case 'ship':
        return steps.ship.$post({ ...once('shipment'), json: { carrier: action.carrier } });
      case 'deliver':
        return steps.deliver.$post({ ...order, json: {} });
      case 'return': {
        const found = await this.client.orders[':id'].$get(order);
        if (found.status !== 200) return found;
        const { lines } = await found.json();
        const back = action.lines.flatMap(({ lineNo, ...rest }) => {
          const orderItemId = lines.find((line) => line.lineNo === lineNo)?.id;
          return orderItemId === undefined ? [] : [{ orderItemId, ...rest }];
        });
        return cash.returns.$post({ ...once('return'), json: { lines: back, refund: true } });
      }
      default:
        return steps[action.do].$post(order);
    }
  }

  private async restockAndAgain(): Promise<void> {
    try {
      await restock(this);
    } finally {
      this.agenda.add(Date.now() + MINUTE, () => this.restockAndAgain());
    }
  }
}

/** The routes' types name what they answer themselves; problems are none of it. */
const statusOf = (response: { readonly status: number }): number => response.status;
