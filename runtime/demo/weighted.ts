import type { Random } from '../../verify/traffic/random.ts';
import type { Weighted } from './brand-plan.ts';

/** Picks by weight. Only sums and products, so that every machine picks the same. */
export class WeightedPick<T> {
  private readonly sums: number[] = [];
  private readonly items: readonly T[];

  constructor(choices: Weighted<T>) {
    let sum = 0;
    for (const [, weight] of choices) {
      sum += weight;
      this.sums.push(sum);
    }
    this.items = choices.map(([item]) => item);
  }

  pick(random: Random): T {
    const at = random.next() * (this.sums.at(-1) ?? 0);
    let low = 0;
    let high = this.sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.sums[middle] as number) <= at) low = middle + 1;
      else high = middle;
    }
    return this.items[low] as T;
  }
}

/** The mean of numbers picked by weight. */
export function meanOf(choices: Weighted<number>): number {
  let weights = 0;
  let sum = 0;
  for (const [value, weight] of choices) {
    weights += weight;
    sum += value * weight;
  }
  return sum / weights;
}
