import type { Random } from '../../verify/traffic/random.ts';
import type { BrandPlan, CountryPlan } from './brand-plan.ts';
import { DAY, HOUR, type LocalDay, MINUTE } from './calendar.ts';
import type { OrderLine } from './order-lines.ts';
import type { Stories } from './stories.ts';
import { WeightedPick } from './weighted.ts';

/** What leaves one warehouse for one order. Times may lie after the end of the history: then they have not come yet. */
export interface Parcel {
  readonly warehouse: number;
  readonly carrier: string;
  readonly pickedAt: number;
  readonly packedAt: number;
  readonly shippedAt: number;
  readonly deliveredAt: number;
  readonly lines: readonly OrderLine[];
}

/** How a brand's warehouses and carriers work. */
export class Fulfilment {
  private readonly plan: BrandPlan;
  private readonly random: Random;
  private readonly stories: Stories;
  private readonly days: readonly LocalDay[];
  private readonly handling: WeightedPick<number>;
  private readonly carriers: readonly WeightedPick<string>[];

  constructor(options: { plan: BrandPlan; random: Random; stories: Stories; days: readonly LocalDay[] }) {
    const { plan } = options;
    this.plan = plan;
    this.random = options.random;
    this.stories = options.stories;
    this.days = options.days;
    this.handling = new WeightedPick(plan.handling);
    this.carriers = plan.warehouses.map(({ carriers }) => new WeightedPick(carriers));
  }

  /** One parcel per warehouse that has lines of the order. */
  parcels(lines: readonly OrderLine[], day: LocalDay, confirmedAt: number, { transit }: CountryPlan): Parcel[] {
    const warehouses = [...new Set(lines.map(({ warehouse }) => warehouse))];
    return warehouses.map((warehouse) => {
      const { random } = this;
      const carrier = (this.carriers[warehouse] as WeightedPick<string>).pick(random);
      const leaving = this.workingDay(day, this.handling.pick(random));
      const hour = 10 + random.integer(0, 7);
      const wanted = leaving
        ? (leaving.hours[hour] as number) + Math.floor(HOUR * random.next())
        : Number.POSITIVE_INFINITY;
      const shippedAt = Math.max(wanted, confirmedAt + Math.floor((2 + 2 * random.next()) * HOUR));
      const slow = leaving ? this.stories.delay(leaving.index, carrier) : null;
      const late = random.chance(0.035) ? random.integer(2, 5) : 0;
      const transitDays = random.integer(...transit) + late + (slow ? random.integer(...slow) : 0);
      return {
        warehouse,
        carrier,
        pickedAt: shippedAt - Math.floor((50 + 40 * random.next()) * MINUTE),
        packedAt: shippedAt - Math.floor((10 + 30 * random.next()) * MINUTE),
        shippedAt,
        deliveredAt: shippedAt + transitDays * DAY + Math.floor((6 * random.next() - 4) * HOUR),
        lines: lines.filter((line) => line.warehouse === warehouse),
      };
    });
  }

  /** The day so many working days later; today counts when it is one. Null when it lies after the end. */
  private workingDay(day: LocalDay, later: number): LocalDay | null {
    let left = later;
    for (let at = this.days.indexOf(day); at < this.days.length; at++) {
      const candidate = this.days[at] as LocalDay;
      const works = candidate.weekday < (this.plan.hours === 'office' ? 5 : 6);
      if (works && left-- === 0) return candidate;
    }
    return null;
  }
}
