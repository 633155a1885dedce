import { createRandom, type Random } from '../../verify/traffic/random.ts';
import type { BrandPlan } from './brand-plan.ts';
import { DAY, dayStart, HISTORY_DAYS, HOUR, type LocalDay, localDays } from './calendar.ts';
import { type Variant, writeCatalog } from './catalog.ts';
import { Customers } from './customers.ts';
import { Fulfilment } from './fulfilment.ts';
import { idSource } from './ids.ts';
import { Baskets } from './order-lines.ts';
import { Payments } from './payments.ts';
import { count, instants, usualOrders } from './seasonality.ts';
import { StockRoom } from './stock-room.ts';
import { Stories } from './stories.ts';
import { noRows, type Rows, time } from './tables.ts';
import { meanOf } from './weighted.ts';
import { type Order, type WriteContext, writeOrder } from './write-order.ts';
import { writeReturn } from './write-returns.ts';

export interface HistoryOptions {
  readonly seed: number;
  /** Nothing has happened after it. */
  readonly end: Date;
  /** Share of the usual number of orders; 1 by default. */
  readonly volume?: number;
}

/** The id of a demo brand: the same for the same seed and end. */
export function brandId(plan: BrandPlan, { seed, end }: HistoryOptions): string {
  return idSource(createRandom(seed).fork(`tenant ${plan.slug}`))(end.getTime() - 91 * DAY);
}

/** All rows of 90 days of a brand up to `end`. Pure: the same plan, seed, end and volume yield the same rows everywhere. */
export function brandHistory(plan: BrandPlan, options: HistoryOptions): Rows {
  return new BrandHistory(plan, options).run();
}

class BrandHistory {
  private readonly plan: BrandPlan;
  private readonly end: number;
  private readonly volume: number;
  private readonly random: Random;
  private readonly stories: Stories;
  private readonly days: readonly LocalDay[];
  private readonly rows = noRows();
  private readonly id: (time: number) => string;
  private readonly variants: readonly Variant[];
  private readonly stock: StockRoom;
  private readonly customers: Customers;
  private readonly payments: Payments;
  private readonly fulfilment: Fulfilment;
  private readonly context: WriteContext;
  private orders = 0;

  constructor(plan: BrandPlan, { seed, end, volume = 1 }: HistoryOptions) {
    this.plan = plan;
    this.end = end.getTime();
    this.volume = volume;
    this.random = createRandom(seed).fork(plan.slug);
    this.stories = new Stories(plan);
    this.days = localDays(plan.timezone, this.end);
    this.id = idSource(this.random.fork('ids'));
    const { random, stories, days, rows, id } = this;
    const start = dayStart(days, -HISTORY_DAYS);
    const warehouseIds = this.writeWarehouses(start);
    this.variants = writeCatalog({ plan, stories, days, id, rows });
    const expected = this.expectedUnits();
    const { variants } = this;
    this.stock = new StockRoom({
      plan,
      variants,
      warehouseIds,
      stories,
      days,
      end: this.end,
      id,
      random: random.fork('stock'),
      rows,
      expected,
    });
    this.customers = new Customers(plan, random.fork('customers'), id, rows);
    this.payments = new Payments(plan, random.fork('payments'), (at, method) =>
      stories.failing(this.dayOf(at), method),
    );
    this.fulfilment = new Fulfilment({ plan, random: random.fork('fulfilment'), stories, days });
    this.context = { plan, warehouseIds, end: this.end, rows, stock: this.stock, id };
  }

  run(): Rows {
    const { plan, stories, random, variants, stock } = this;
    for (const day of this.days) {
      stock.openDay(day);
      const baskets = new Baskets({ plan, stories, random, variants, stock, day: day.index });
      for (const { at, wave } of this.arrivals(day)) {
        if (at > this.end) break;
        this.buy(day, at, baskets, wave);
      }
    }
    this.stock.close();
    return this.rows;
  }

  private writeWarehouses(start: number): string[] {
    return this.plan.warehouses.map(({ code, name, country }) => {
      const id = this.id(start - 7 * DAY);
      this.rows.warehouses.push([id, code, name, country, time(start - 7 * DAY)]);
      return id;
    });
  }

  /** Visits of a day that become orders if there is stock, in order; some belong to a wave that one product sets off. */
  private arrivals(day: LocalDay): { at: number; wave?: { channel: string; product: string } }[] {
    const { plan, random, stories, volume } = this;
    const usual = usualOrders(plan, day) * volume;
    const visits: { at: number; wave?: { channel: string; product: string } }[] = instants(
      random,
      plan,
      day,
      count(random, usual * stories.traffic(day.index)),
    ).map((at) => ({ at }));
    for (const story of stories.of('viral')) {
      const extra = usual * stories.extraOrders(story, day.index);
      if (extra > 0)
        visits.push(...instants(random, plan, day, count(random, extra)).map((at) => ({ at, wave: story })));
    }
    return visits.sort((a, b) => a.at - b.at);
  }

  private buy(day: LocalDay, placedAt: number, baskets: Baskets, wave?: { channel: string; product: string }): void {
    const { plan, random, customers } = this;
    const first = wave && this.variants.find(({ product }) => product.key === wave.product);
    const customer = customers.next(placedAt, wave?.channel);
    const warehouse = plan.warehouses.findIndex(({ code }) => code === customer.country.warehouse);
    const id = this.id(placedAt);
    const lines = baskets.fill(placedAt, warehouse, this.id, first);
    if (lines.length === 0) return;
    const payment = this.payments.of(placedAt);
    const lastAttempt = payment.attempts.at(-1)?.at ?? placedAt;
    const cancelledAt =
      payment.confirmedAt === null
        ? lastAttempt + Math.floor((1 + 6 * random.next()) * HOUR)
        : random.chance(plan.cancelled)
          ? payment.confirmedAt + Math.floor((0.2 + 5 * random.next()) * HOUR)
          : null;
    this.orders++;
    const order: Order = {
      id,
      number: `${plan.prefix}-${100_000 + this.orders}`,
      customer,
      channel: wave?.channel ?? customers.channelOf(customer),
      placedAt,
      lines,
      payment,
      cancelledAt,
      parcels:
        payment.confirmedAt === null || cancelledAt !== null
          ? []
          : this.fulfilment.parcels(lines, day, payment.confirmedAt, customer.country),
    };
    writeOrder(order, this.context);
    if (order.parcels.length > 0) writeReturn(order, day, this.stories, this.random, this.context);
  }

  /** The day of the brand that holds an instant. */
  private dayOf(at: number): number {
    const day = this.days.findLast(({ hours }) => (hours[0] as number) <= at);
    return day?.index ?? 0;
  }

  private expectedUnits(): (variant: Variant, warehouse: number) => number {
    const { plan, volume } = this;
    const units = plan.ordersPerDay * volume * meanOf(plan.lines) * meanOf(plan.units);
    const all = this.variants.reduce((sum, { weight }) => sum + weight, 0);
    const countries = plan.countries.reduce((sum, { weight }) => sum + weight, 0);
    return (variant, warehouse) => {
      const served = plan.countries.filter((country) => country.warehouse === plan.warehouses[warehouse]?.code);
      const demand = served.reduce((sum, { weight }) => sum + weight, 0) / countries;
      return (units * demand * variant.weight) / all;
    };
  }
}
