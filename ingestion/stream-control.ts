import { setTimeout as sleep } from 'node:timers/promises';
import type { Lsn } from '../cdc/change-source.ts';
import { formatLsn } from '../cdc/lsn.ts';
import type { BetweenTransactions, Pause } from './between-transactions.ts';

/** A hold that nobody uses ends by itself: a caller that died must not stop the stream. */
const HOLD_MS = 10_000;

/** Asked for something the stream can't do in its present state. */
export class ControlConflict extends Error {
  override readonly name = 'ControlConflict';
}

interface Hold {
  readonly pause: Pause;
  readonly end: () => void;
  /** Set while a command works on it: it then does not end by itself. */
  busy: boolean;
}

/**
 * Lets a caller hold the stream between two transactions, move it to an exact place, and do something there. One hold at a
 * time; others wait for their turn.
 */
export class StreamControl {
  readonly #between: BetweenTransactions;
  readonly #nudge: () => Promise<Lsn>;
  #hold: Hold | null = null;

  /** `nudge` writes something to the log, so that a stream that waits for changes wakes up. */
  constructor(between: BetweenTransactions, nudge: () => Promise<Lsn>) {
    this.#between = between;
    this.#nudge = nudge;
  }

  get held(): boolean {
    return this.#hold !== null;
  }

  /** Resolves with the position the stream stands at. */
  async hold(): Promise<Lsn> {
    const held = new Promise<Lsn>((resolve, reject) => {
      this.#between
        .add(
          (pause) =>
            new Promise<void>((end) => {
              this.#hold = { pause, end, busy: false };
              resolve(pause.position());
            }),
        )
        .catch(reject);
    });
    await this.#nudge();
    const position = await held;
    void this.#releaseLater(this.#hold);
    return position;
  }

  /** Applies all transactions committed before `at`, runs `task` there, and lets the stream go on. */
  async at<T>(at: Lsn, task: () => Promise<T>): Promise<T> {
    const hold = this.#hold;
    if (!hold || hold.busy) throw new ControlConflict('The stream is not held.');
    if (hold.pause.position() > at) {
      throw new ControlConflict(`The stream stands at ${formatLsn(hold.pause.position())} already: hold it first.`);
    }
    hold.busy = true;
    try {
      await this.#nudge();
      await hold.pause.applyBefore(at);
      return await task();
    } finally {
      this.release();
    }
  }

  /** Runs `task` at the next place between two transactions. */
  async between<T>(task: (pause: Pause) => Promise<T>): Promise<T> {
    const done = this.#between.add(task);
    await this.#nudge();
    return done;
  }

  release(): void {
    this.#hold?.end();
    this.#hold = null;
  }

  async #releaseLater(hold: Hold | null): Promise<void> {
    await sleep(HOLD_MS, undefined, { ref: false });
    if (hold && this.#hold === hold && !hold.busy) this.release();
  }
}
