import { Problem } from '../problem.ts';

interface Waiting {
  readonly start: () => void;
}

interface Brand {
  running: number;
  readonly waiting: Waiting[];
}

/**
 * Lets at most `running` pieces of work of one brand go at a time, in the order they came, so that a brand that asks for much can't
 * take every connection. Beyond `waiting` more of them are refused with a 429 problem.
 */
export class BrandTurns {
  private readonly brands = new Map<string, Brand>();
  private readonly most: { readonly running: number; readonly waiting: number };

  constructor(most: { readonly running: number; readonly waiting: number }) {
    this.most = most;
  }

  /** Runs `work` at the brand's next turn; one whose signal fires while it waits rejects with its reason and is never run. */
  async run<T>(brandId: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const brand = this.brands.get(brandId) ?? { running: 0, waiting: [] };
    this.brands.set(brandId, brand);
    if (brand.running < this.most.running) brand.running += 1;
    else await this.turn(brand, signal);
    try {
      return await work();
    } finally {
      const next = brand.waiting.shift();
      // The turn is handed on, so that nobody slips in between.
      if (next !== undefined) next.start();
      else if (--brand.running === 0) this.brands.delete(brandId);
    }
  }

  private turn(brand: Brand, signal: AbortSignal | undefined): Promise<void> {
    if (brand.waiting.length >= this.most.waiting) {
      throw new Problem('too-many-requests', 'Your brand has too many requests under way: wait for their answers.', {
        headers: { 'retry-after': '1' },
      });
    }
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        start: () => {
          signal?.removeEventListener('abort', leave);
          resolve();
        },
      };
      const leave = () => {
        brand.waiting.splice(brand.waiting.indexOf(waiting), 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', leave, { once: true });
      brand.waiting.push(waiting);
    });
  }
}
