import { setTimeout as sleep } from 'node:timers/promises';
import { versionOf } from '../cdc/lsn.ts';
import { Failure } from '../runtime/failure.ts';
import { BetweenTransactions } from './between-transactions.ts';
import { type ClickHouseClient, createClickHouse } from './clickhouse.ts';
import { verdict } from './clickhouse-errors.ts';
import { cloneDatabases, dropOldClones } from './clone.ts';
import type { Controllable } from './control-server.ts';
import { readCurrentRow } from './current-row.ts';
import { replayDeadLetters } from './dead-letter-replay.ts';
import type { DeadLetters } from './dead-letters.ts';
import { PositionWaiters } from './position-waiters.ts';
import { SourceDatabase } from './source-database.ts';
import { StreamControl } from './stream-control.ts';
import { StreamMetrics } from './stream-metrics.ts';
import type { StreamOptions } from './stream-options.ts';
import { runSession } from './stream-session.ts';
import type { StreamState } from './stream-state.ts';
import { type StreamStatus, streamStatus } from './stream-status.ts';

export interface Stream extends Controllable {
  /** Resolves when the first session follows the source: everything that was there is copied and built. */
  readonly ready: Promise<void>;
  /** Resolves when stopped; rejects with a Failure when only a person can mend what is wrong. */
  readonly ended: Promise<void>;
  /** Resolves when everything that was committed in Postgres before this call is visible in facts. */
  drained(): Promise<void>;
  status(): StreamStatus;
  /** Ends between two batches; what was not acknowledged comes again at the next start. */
  stop(): Promise<void>;
}

const RETRY_MS = { first: 100, most: 5_000 };

/**
 * Follows Postgres' committed changes into ClickHouse, for as long as it runs, through crashes of either engine: whatever
 * fails, it starts a new session from the last acknowledged position.
 */
export function startStream(options: StreamOptions): Stream {
  return new RunningStream(options);
}

class RunningStream implements Stream {
  readonly ready: Promise<void>;
  readonly ended: Promise<void>;
  readonly #options: StreamOptions;
  readonly #client: ClickHouseClient;
  readonly #database: SourceDatabase;
  readonly #between = new BetweenTransactions();
  readonly #waiters = new PositionWaiters();
  readonly #metrics = new StreamMetrics();
  readonly #control: StreamControl;
  readonly #stopping = new AbortController();
  #markReady: () => void = () => {};
  #letters: DeadLetters | null = null;
  #state: StreamState | null = null;
  #problem: string | null = 'starting';

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#client = createClickHouse(options.clickhouseUrl);
    this.#database = new SourceDatabase(options.postgresUrl);
    this.#control = new StreamControl(this.#between, () => this.#database.nudge());
    this.ready = new Promise((resolve) => {
      this.#markReady = resolve;
    });
    this.ended = this.#run();
    // Whoever awaits it learns of a failure; that nobody does must not end the process in another way.
    this.ended.catch(() => {});
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    let wait = RETRY_MS.first;
    try {
      while (!signal.aborted) {
        const begun = performance.now();
        try {
          await this.#session(signal);
        } catch (error) {
          this.#noteFailure(error);
          if (performance.now() - begun > 10_000) wait = RETRY_MS.first;
          await sleep(wait, undefined, { signal }).catch(() => {});
          wait = Math.min(wait * 2, RETRY_MS.most);
        }
      }
    } finally {
      this.#between.rejectAll(new Error('The stream is stopping.'));
      await Promise.allSettled([this.#client.close(), this.#database.close()]);
    }
  }

  #session(signal: AbortSignal): Promise<void> {
    const options = {
      ...{ slot: 'uco', publication: 'uco', ...this.#options },
      ...{ client: this.#client, database: this.#database, metrics: this.#metrics },
      ...{ between: this.#between, waiters: this.#waiters },
    };
    const onStreaming = ({ letters, state }: { letters: DeadLetters; state: StreamState }) => {
      this.#letters = letters;
      this.#state = state;
      this.#problem = null;
      this.#markReady();
    };
    return runSession({ ...options, onStreaming, prepared: () => this.#state !== null }, signal);
  }

  /** Retry or stop? What a person has to mend is thrown on. */
  #noteFailure(error: unknown): void {
    if (this.#stopping.signal.aborted) return;
    this.#problem = error instanceof Error ? error.message : String(error);
    this.#metrics.restarts++;
    this.#control.release();
    if (error instanceof Failure) throw error;
    if (verdict(error) === 'stop') {
      throw new Failure(`ClickHouse refuses what the stream needs: ${this.#problem}`, 'Mend it and start again.', {
        cause: error,
      });
    }
    this.#options.log.warn({ problem: this.#problem }, 'the stream was interrupted; going on from the last position');
  }

  async drained(): Promise<void> {
    await this.#waiters.reached(await this.#database.nudge());
  }

  hold(): Promise<bigint> {
    return this.#control.hold();
  }

  release(): void {
    this.#control.release();
  }

  clone(at: bigint, suffix: string): Promise<void> {
    return this.#control.at(at, async () => {
      await dropOldClones(this.#client);
      await cloneDatabases(this.#client, suffix, this.#options.models.createCloneMarts);
    });
  }

  async rebuild(model: string | undefined, onProgress: (event: object) => void): Promise<void> {
    await this.#options.models.rebuild(model, () => this.#version(), onProgress);
  }

  #version(): bigint {
    if (!this.#state) throw new Error('The stream is starting.');
    return versionOf(this.#state.generation, this.#metrics.position);
  }

  replay(id: string | undefined) {
    return this.#control.between((pause) => {
      if (!this.#letters) throw new Error('The stream is starting.');
      const { models, publication = 'uco' } = this.#options;
      return replayDeadLetters({
        ...{ client: this.#client, letters: this.#letters, groupKeys: models.groupKeys, pause, id },
        currentRow: (letter) => readCurrentRow(this.#database, publication, letter),
      });
    });
  }

  status(): StreamStatus {
    return streamStatus({
      metrics: this.#metrics,
      letters: this.#letters,
      state: this.#state,
      problem: this.#problem,
      held: this.#control.held,
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#control.release();
    await this.ended.catch(() => {});
  }
}
