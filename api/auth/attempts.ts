import { isIPv6 } from 'node:net';
import { expandIPv6 } from 'hono/utils/ipaddr';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { Problem } from '../problem.ts';
import { type Quota, refusalHeaders, secondsLeft } from '../rate-limit-headers.ts';

/** Nobody may try: says for how long, and whether this is the first attempt that is refused (one audit entry is enough). */
export class AttemptsLimited extends Error {
  override readonly name = 'AttemptsLimited';
  readonly isFirst: boolean;
  readonly problem: Problem;

  constructor(quota: Quota, refusal: RateLimiterRes) {
    super('too many attempts');
    this.isFirst = refusal.consumedPoints === quota.limit + 1;
    this.problem = new Problem(
      'too-many-requests',
      `Too many attempts: try again in ${secondsLeft(refusal)} seconds.`,
      {
        headers: refusalHeaders(quota, refusal),
      },
    );
  }
}

/** Counts attempts, each before its outcome is known, so that many at once do not slip through. In this process: a restart forgets them. */
export class Attempts {
  readonly #quota: Quota;
  readonly #limiter: RateLimiterMemory;

  constructor(quota: Quota) {
    this.#quota = quota;
    this.#limiter = new RateLimiterMemory({ points: quota.limit, duration: quota.windowSeconds });
  }

  /** Throws AttemptsLimited. */
  async take(key: string): Promise<void> {
    try {
      await this.#limiter.consume(key);
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) throw new AttemptsLimited(this.#quota, refusal);
      throw refusal;
    }
  }

  /** One attempt was none to count. */
  async giveBack(key: string): Promise<void> {
    await this.#limiter.reward(key, 1);
  }

  async forget(key: string): Promise<void> {
    await this.#limiter.delete(key);
  }
}

/** Whose attempts from an address count together. One customer of a provider has a /64 of IPv6 addresses, not one. */
export function addressKey(address: string | undefined): string {
  if (address === undefined) return 'unknown';
  return isIPv6(address) ? expandIPv6(address.toLowerCase()).split(':').slice(0, 4).join(':') : address;
}
