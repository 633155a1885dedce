import { createHash } from 'node:crypto';
import { Attempts, addressKey } from './attempts.ts';

const WINDOW_SECONDS = 15 * 60;

/** Failures allowed in 15 minutes. */
export const signInLimits = { perAccount: 10, perAddress: 100 } as const;

/** Counts failed attempts per account (the e-mail, whatever the brand) and per address; a success takes its own back. */
export class SignInLimits {
  readonly #accounts = attempts('sign-in-account', signInLimits.perAccount);
  readonly #addresses = attempts('sign-in-address', signInLimits.perAddress);

  /** Throws AttemptsLimited. */
  async attempt(account: string, address: string | undefined): Promise<void> {
    await this.#addresses.take(addressKey(address));
    await this.#accounts.take(accountKey(account));
  }

  async succeeded(account: string, address: string | undefined): Promise<void> {
    await this.#addresses.giveBack(addressKey(address));
    await this.#accounts.forget(accountKey(account));
  }
}

/**
 * In 15 minutes: refreshes of a session (a browser needs one or two), and attempts from an address that led to none. The second keeps
 * those who guess, or hold old tokens, away from the database.
 */
export const refreshLimits = { perSession: 60, perAddress: 100 } as const;

export class RefreshLimits {
  readonly #sessions = attempts('refresh-session', refreshLimits.perSession);
  readonly #addresses = attempts('refresh-address', refreshLimits.perAddress);

  /** Before the token is looked at. Throws AttemptsLimited. */
  attempt(address: string | undefined): Promise<void> {
    return this.#addresses.take(addressKey(address));
  }

  succeeded(address: string | undefined): Promise<void> {
    return this.#addresses.giveBack(addressKey(address));
  }

  /** Once the token has told its session. Throws AttemptsLimited. */
  ofSession(sessionId: string): Promise<void> {
    return this.#sessions.take(sessionId);
  }
}

function attempts(name: string, limit: number): Attempts {
  return new Attempts({ name, limit, windowSeconds: WINDOW_SECONDS });
}

function accountKey(account: string): string {
  return createHash('sha256').update(account.trim().toLowerCase()).digest('base64url');
}
