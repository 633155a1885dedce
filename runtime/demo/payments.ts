import type { Random } from '../../verify/traffic/random.ts';
import type { BrandPlan } from './brand-plan.ts';
import { DAY, HOUR, MINUTE } from './calendar.ts';
import { WeightedPick } from './weighted.ts';

export interface Attempt {
  readonly at: number;
  readonly method: string;
  readonly received: boolean;
}

export interface Payment {
  readonly attempts: readonly Attempt[];
  /** When the order may go on; null when all attempts failed. */
  readonly confirmedAt: number | null;
}

type Method = BrandPlan['payments'][number];

/** How buyers of a brand pay. */
export class Payments {
  private readonly methods: WeightedPick<Method>;
  private readonly random: Random;
  /** Share of payments of a method that fail at a time because of an outage. */
  private readonly outage: (at: number, method: string) => number;

  constructor(plan: BrandPlan, random: Random, outage: (at: number, method: string) => number) {
    this.methods = new WeightedPick(plan.payments.map((method) => [method, method.weight] as const));
    this.random = random;
    this.outage = outage;
  }

  of(placedAt: number): Payment {
    const { random } = this;
    const method = this.methods.pick(random);
    const { onAccount } = method;
    if (onAccount !== undefined) {
      const due = placedAt + Math.floor(onAccount * DAY * (0.4 + 0.7 * random.next()));
      const first = { at: due, method: method.method, received: !random.chance(method.failing) };
      const attempts = first.received ? [first] : [first, { ...first, at: due + 3 * DAY, received: true }];
      return { attempts, confirmedAt: placedAt + Math.floor((10 + 110 * random.next()) * MINUTE) };
    }
    // At once, a little later, and once more the same day or the next.
    const waits = [1.5 * MINUTE, 40 * MINUTE, 20 * HOUR];
    const attempts: Attempt[] = [];
    let at = placedAt;
    for (const [tries, wait] of waits.entries()) {
      at += Math.floor(wait * (0.2 + 0.8 * random.next()));
      // Who failed once fails again more often.
      const failing = Math.max(this.outage(at, method.method), tries === 0 ? method.failing : 0.3);
      const received = !random.chance(failing);
      attempts.push({ at, method: method.method, received });
      if (received) return { attempts, confirmedAt: at + Math.floor(5 * MINUTE * random.next()) };
      if (random.chance(0.15)) break;
    }
    return { attempts, confirmedAt: null };
  }
}
