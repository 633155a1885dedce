import type { Random } from '../../verify/traffic/random.ts';
import type { BrandPlan } from './brand-plan.ts';
import { DAY, dayStart, HISTORY_DAYS, HOUR, type LocalDay, MINUTE } from './calendar.ts';
import type { Variant } from './catalog.ts';
import type { OrderLine } from './order-lines.ts';
import type { Stories } from './stories.ts';
import { type Rows, time } from './tables.ts';

/** Stock of a variant in a warehouse. */
interface Level {
  readonly variant: Variant;
  readonly warehouseId: string;
  readonly reorderPoint: number;
  readonly lot: number;
  /** What may be promised to buyers now; never more than there is. */
  available: number;
  ordered: boolean;
  /** Figures at the end of the history. */
  onHand: number;
  allocated: number;
  incoming: number;
}

export interface StockOptions {
  readonly plan: BrandPlan;
  readonly variants: readonly Variant[];
  readonly warehouseIds: readonly string[];
  readonly stories: Stories;
  readonly days: readonly LocalDay[];
  readonly end: number;
  readonly id: (time: number) => string;
  readonly random: Random;
  readonly rows: Rows;
  /** Units of a variant expected to be sold from a warehouse on a usual day. */
  readonly expected: (variant: Variant, warehouse: number) => number;
}

const DAYS = { opening: 30, reorder: 10, lot: 24 };

/**
 * The brand's stock while its history goes on: sales take from it, suppliers fill it up. Only what has happened by the end
 * is written, as movements whose sums are the stock of the end. A finished order leaves its shipment; one that is open holds
 * an allocation.
 */
export class StockRoom {
  private readonly levels: Level[];
  private readonly options: StockOptions;
  /** What becomes available at a later time. */
  private coming: { readonly at: number; readonly level: Level; readonly units: number; readonly delivery: boolean }[] =
    [];

  constructor(options: StockOptions) {
    this.options = options;
    this.levels = options.variants.flatMap((variant) =>
      options.warehouseIds.map((warehouseId, warehouse) => this.opened(variant, warehouseId, warehouse)),
    );
  }

  /** Takes what has arrived by the beginning of the day, and what a story takes away. */
  openDay(day: LocalDay): void {
    const morning = day.hours[0] as number;
    for (const entry of this.coming.filter(({ at }) => at < morning)) {
      entry.level.available += entry.units;
      if (entry.delivery) entry.level.ordered = false;
    }
    this.coming = this.coming.filter(({ at }) => at >= morning);
    for (const { product, from } of this.options.stories.of('stock-out')) {
      if (from === day.index) this.countOut(product, morning + 20 * MINUTE);
    }
  }

  /** Promises units to a buyer. Returns the warehouse, the wanted one where it can; null when there is not enough anywhere. */
  take(variant: Variant, wanted: number, units: number, at: number): number | null {
    const order = [wanted, ...this.options.warehouseIds.keys()];
    const warehouse = order.find((candidate) => this.level(variant, candidate).available >= units);
    const level = this.level(variant, warehouse ?? wanted);
    if (warehouse !== undefined) level.available -= units;
    if (level.available < level.reorderPoint && !level.ordered) this.order(level, at);
    return warehouse ?? null;
  }

  /** A cancelled order's units are there again; while it was open they were allocated. */
  release(variant: Variant, warehouse: number, units: number, at: number): void {
    this.later(this.level(variant, warehouse), units, at, false);
  }

  /** A line of an order that is open at the end holds its units. */
  allocate({ variant, warehouse, units, id: itemId }: OrderLine, at: number, orderId: string): void {
    const level = this.level(variant, warehouse);
    this.move(level, 'allocated', units, 'allocation', at, ['order', orderId]);
    const { rows, id } = this.options;
    rows.order_allocations.push([id(at), itemId, level.warehouseId, units]);
  }

  ship(variant: Variant, warehouse: number, units: number, at: number, shipmentId: string): void {
    this.move(this.level(variant, warehouse), 'on_hand', -units, 'shipment', at, ['shipment', shipmentId]);
  }

  /** Returned units go back on the shelf. */
  restock(variant: Variant, warehouse: number, units: number, at: number, returnId: string): void {
    const level = this.level(variant, warehouse);
    this.move(level, 'on_hand', units, 'return', at, ['return', returnId]);
    this.later(level, units, at, false);
  }

  /** Writes the stock of the end. */
  close(): void {
    const { id, end, rows } = this.options;
    for (const { variant, warehouseId, onHand, allocated, incoming, reorderPoint } of this.levels) {
      rows.inventory.push([id(end), variant.id, warehouseId, onHand, allocated, incoming, reorderPoint]);
    }
  }

  private level(variant: Variant, warehouse: number): Level {
    return this.levels[variant.index * this.options.warehouseIds.length + warehouse] as Level;
  }

  private opened(variant: Variant, warehouseId: string, warehouse: number): Level {
    const { plan, stories, days, expected } = this.options;
    const daily = expected(variant, warehouse);
    const largest = plan.units.reduce((most, [units]) => Math.max(most, units), 1);
    const atLeast = (wanted: number) => Math.max(Math.ceil(wanted), 2 * largest);
    const viral = stories.of('viral').find(({ product }) => product === variant.product.key);
    const level: Level = {
      variant,
      warehouseId,
      reorderPoint: atLeast(daily * DAYS.reorder),
      lot: 2 * atLeast(daily * (DAYS.lot / 2)),
      available: 0,
      ordered: false,
      onHand: 0,
      allocated: 0,
      incoming: 0,
    };
    const units = 2 * atLeast((daily * DAYS.opening * (viral ? 16 : 1)) / 2);
    level.available = units;
    this.move(level, 'on_hand', units, 'opening_balance', dayStart(days, -HISTORY_DAYS), null);
    return level;
  }

  /** Orders a lot of the supplier; it comes within a week or so. */
  private order(level: Level, at: number): void {
    const { random } = this.options;
    level.ordered = true;
    const placed = at + 10 * MINUTE;
    const arrival = this.outOfStockEnd(level, at + Math.floor((5 + 4 * random.next()) * DAY));
    this.move(level, 'incoming', level.lot, 'receipt', placed, null);
    this.move(level, 'incoming', -level.lot, 'receipt', arrival, null);
    this.move(level, 'on_hand', level.lot, 'receipt', arrival, null);
    this.later(level, level.lot, arrival, true);
  }

  /** During a stock-out, and the week before that leads to it, nothing comes in: it waits for the day after. */
  private outOfStockEnd(level: Level, at: number): number {
    for (const { product, from, to } of this.options.stories.of('stock-out')) {
      const begin = dayStart(this.options.days, from - 9);
      const over = dayStart(this.options.days, to + 1);
      if (product === level.variant.product.key && at >= begin && at < over) return over - 2 * HOUR;
    }
    return at;
  }

  /** The shelf turns out to be empty: what was thought to be there is written off. */
  private countOut(product: string, at: number): void {
    for (const level of this.levels) {
      if (level.variant.product.key !== product || level.available === 0) continue;
      this.move(level, 'on_hand', -level.available, 'adjustment', at, null, 'Stock count: none left');
      level.available = 0;
    }
  }

  private later(level: Level, units: number, at: number, delivery: boolean): void {
    this.coming.push({ at: this.outOfStockEnd(level, at), level, units, delivery });
  }

  private move(
    level: Level,
    state: 'on_hand' | 'allocated' | 'incoming',
    units: number,
    reason: string,
    at: number,
    reference: readonly [string, string] | null,
    note: string | null = null,
  ): void {
    const { end, id, rows } = this.options;
    if (at > end) return;
    if (state === 'on_hand') level.onHand += units;
    else level[state] += units;
    rows.inventory_movements.push([
      id(at),
      level.variant.id,
      level.warehouseId,
      state,
      units,
      reason,
      reference?.[0] ?? null,
      reference?.[1] ?? null,
      note,
      time(at),
    ]);
  }
}
