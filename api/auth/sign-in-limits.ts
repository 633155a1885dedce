import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { Problem } from '../problem.ts';

const WINDOW_SECONDS = 15 * 60;

/** Failures allowed in 15 minutes. */
export const signInLimits = { perAccount: 10, perAddress: 100 } as const;

/** Nobody may try: says for how long, and whether this is the first attempt that is refused (one audit entry is enough). */
export class SignInLimited extends Error {
  override readonly name = 'SignInLimited';
  readonly isFirst: boolean;
  readonly problem: Problem;

  constructor(limit: number, refusal: RateLimiterRes) {
    super('too many attempts');
    this.isFirst = refusal.consumedPoints === limit + 1;
    const seconds = String(Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)));
    this.problem = new Problem('too-many-requests', `Too many attempts: try again in ${seconds} seconds.`, {
      headers: {
        'retry-after': seconds,
        'ratelimit-limit': String(limit),
        'ratelimit-remaining': '0',
        'ratelimit-reset': seconds,
      },
    });
  }
}

/**
 * Counts failed attempts per account (the e-mail, whatever the brand) and per address. An attempt is counted before the password is
 * looked at, so that many at once do not slip through, and taken back when it succeeds. The counts live in this process: a restart
 * forgets them.
 */
export class SignInLimits {
  private readonly accounts = new RateLimiterMemory({ points: signInLimits.perAccount, duration: WINDOW_SECONDS });
  private readonly addresses = new RateLimiterMemory({ points: signInLimits.perAddress, duration: WINDOW_SECONDS });

  /** Throws SignInLimited. */
  async attempt(account: string, address: string | undefined): Promise<void> {
    await take(this.addresses, addressKey(address), signInLimits.perAddress);
    await take(this.accounts, accountKey(account), signInLimits.perAccount);
  }

  async succeeded(account: string, address: string | undefined): Promise<void> {
    await this.addresses.reward(addressKey(address), 1);
    await this.accounts.delete(accountKey(account));
  }
}

async function take(limiter: RateLimiterAbstract, key: string, limit: number): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) throw new SignInLimited(limit, refusal);
    throw refusal;
  }
}

function accountKey(account: string): string {
  return createHash('sha256').update(account.trim().toLowerCase()).digest('base64url');
}

/** One customer of a provider has a /64 of IPv6 addresses, not one. */
export function addressKey(address: string | undefined): string {
  if (address === undefined) return 'unknown';
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1]) return mapped[1];
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? [];
  const left = head === '' ? [] : head.split(':');
  const right = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return [...left, ...zeros, ...right]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
