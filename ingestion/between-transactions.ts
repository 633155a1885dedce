import type { Lsn } from '../cdc/change-source.ts';
import type { RefreshFacts } from './pending-refresh.ts';

/** What a task may do while the stream stands still: everything before `position` is applied, and nothing after it. */
export interface Pause {
  position(): Lsn;
  /** Version for facts that are recomputed now. */
  version(): bigint;
  readonly refresh: RefreshFacts;
  /** Applies exactly the transactions whose commit record lies before `limit`. */
  applyBefore(limit: Lsn): Promise<void>;
}

interface Task {
  run(pause: Pause): Promise<void>;
  reject(error: unknown): void;
}

/** Tasks that wait for the stream to stand between two transactions, with facts and raw in step. */
export class BetweenTransactions {
  #tasks: Task[] = [];

  get waiting(): boolean {
    return this.#tasks.length > 0;
  }

  /** Runs `task` at the next such moment. What it throws goes to the caller, not to the stream. */
  add<T>(task: (pause: Pause) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#tasks.push({ run: (pause) => task(pause).then(resolve, reject), reject });
    });
  }

  async runAll(pause: Pause): Promise<void> {
    for (let task = this.#tasks.shift(); task; task = this.#tasks.shift()) await task.run(pause);
  }

  /** The stream is going away: whoever waits has to ask again. */
  rejectAll(error: Error): void {
    for (const task of this.#tasks.splice(0)) task.reject(error);
  }
}
