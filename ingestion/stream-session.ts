import type { Catalog, PublishedTable } from '../cdc/catalog.ts';
import type { ChangeSource, Lsn } from '../cdc/change-source.ts';
import { versionOf } from '../cdc/lsn.ts';
import { openPgOutputSource } from '../cdc/pgoutput/pgoutput-source.ts';
import { ApplyLoop } from './apply-loop.ts';
import type { BetweenTransactions } from './between-transactions.ts';
import type { ClickHouseClient } from './clickhouse.ts';
import { dropOldClones } from './clone.ts';
import { DeadLetters } from './dead-letters.ts';
import type { PositionWaiters } from './position-waiters.ts';
import { checkSource } from './preflight.ts';
import { readProgress } from './progress.ts';
import { ensureRawTables, sortKeyColumns } from './raw-schema.ts';
import { RawWriter } from './raw-writer.ts';
import type { SourceDatabase } from './source-database.ts';
import { planStart } from './start-plan.ts';
import type { StreamMetrics } from './stream-metrics.ts';
import type { StreamOptions } from './stream-options.ts';
import { readStreamState, type StreamState, writeStreamState } from './stream-state.ts';
import { copyAdded, copyEverything } from './table-copy.ts';

export interface SessionOptions extends Omit<StreamOptions, 'slot' | 'publication'> {
  readonly slot: string;
  readonly publication: string;
  readonly client: ClickHouseClient;
  readonly database: SourceDatabase;
  readonly between: BetweenTransactions;
  readonly waiters: PositionWaiters;
  readonly metrics: StreamMetrics;
  /** True when an earlier session of this process has brought the models in line. */
  readonly prepared: () => boolean;
  /** Called when the session follows the source: what was copied is built, what is committed from now on arrives. */
  readonly onStreaming: (session: { readonly letters: DeadLetters; readonly state: StreamState }) => void;
}

/**
 * One connection's life: finds out where to go on, copies what must be copied, and applies changes until `signal` aborts or
 * something fails. Every step can be repeated from the start: what is done is found done.
 */
export async function runSession(options: SessionOptions, signal: AbortSignal): Promise<void> {
  const { client, database, models, log } = options;
  await checkSource(database, options, log);
  await dropOldClones(client);
  const catalog = await database.catalog(options.publication);
  let state = await startState(options, catalog);
  await ensureRawTables(client, catalog.tables, await missingValues(database, catalog));
  state = await copyAddedTables(options, catalog, state);
  state = await bringModels(options, state);

  const letters = await DeadLetters.open(client);
  const start = (await readProgress(client)) ?? { position: BigInt(state.consistentPoint), commitTime: null };
  const source = await openSource(options, catalog, state, start.position);
  try {
    const writer = new RawWriter({
      client,
      letters,
      generation: state.generation,
      missingValues: async (table) => ({ [table.name]: await database.missingValues(table.name) }),
    });
    const loop = new ApplyLoop({
      ...options,
      ...{ source, writer, start, generation: state.generation },
      ...{ groupKeys: models.groupKeys, refresh: models.refresh },
    });
    log.info({ generation: state.generation }, 'following the change stream');
    options.onStreaming({ letters, state });
    const changed = watchPublication(options, state.tables, signal);
    await untilAborted(loop.run(changed), changed, source);
  } finally {
    await source.close();
  }
}

/** Fires when `signal` does, or a table is published that was not copied: the next session copies it. */
function watchPublication(options: SessionOptions, copied: readonly string[], signal: AbortSignal): AbortSignal {
  const changed = new AbortController();
  const look = async () => {
    const published = await options.database.publishedTables(options.publication);
    if (published.some((table) => !copied.includes(table))) changed.abort();
  };
  // A Postgres that is away is noticed by the source.
  const timer = setInterval(() => void look().catch(() => {}), options.publicationMs ?? 5_000);
  const either = AbortSignal.any([signal, changed.signal]);
  either.addEventListener('abort', () => clearInterval(timer));
  return either;
}

/** A loop that waits for changes notices the signal only when some come: closing the source ends the wait. */
async function untilAborted(run: Promise<void>, signal: AbortSignal, source: ChangeSource): Promise<void> {
  const close = () => void source.close();
  signal.addEventListener('abort', close);
  try {
    await run;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', close);
  }
}

async function startState(options: SessionOptions, catalog: Catalog): Promise<StreamState> {
  const { client, database, slot, log } = options;
  const known = await readStreamState(client);
  const facts = await database.slotFacts(slot);
  const plan = planStart(known, (await readProgress(client))?.position ?? null, facts, slot);
  if (plan.kind === 'resume') return plan.state;
  log.info({ reason: plan.reason, generation: plan.generation }, 'copying every published table');
  const { systemIdentifier } = facts;
  return copyEverything(options, catalog, { generation: plan.generation, systemIdentifier });
}

/** Tables that were published after the first copy. Changes that arrive later carry higher versions and win. */
async function copyAddedTables(options: SessionOptions, catalog: Catalog, state: StreamState): Promise<StreamState> {
  const added = catalog.tables.filter((table) => !state.tables.includes(table.name));
  if (added.length === 0) return state;
  options.log.info({ tables: added.map((table) => table.name) }, 'copying tables that were added to the publication');
  await copyAdded(options, added, state.generation);
  const fed = added.some((table) => options.models.groupKeys[table.name]);
  const next: StreamState = {
    ...state,
    tables: [...state.tables, ...added.map((table) => table.name)],
    phase: fed ? 'build' : state.phase,
  };
  await writeStreamState(options.client, next);
  return next;
}

async function bringModels(options: SessionOptions, state: StreamState): Promise<StreamState> {
  const { client, models, log } = options;
  const reached = (await readProgress(client))?.position ?? BigInt(state.consistentPoint);
  const version = versionOf(state.generation, reached);
  const onProgress = (event: object) => log.debug(event, 'building facts');
  if (state.phase !== 'build') {
    // Once per process: on a reconnect a rebuild that was asked for may be running.
    if (!options.prepared()) await models.prepare(version, onProgress);
    return state;
  }
  await models.buildAll(version, onProgress);
  const next: StreamState = { ...state, phase: 'stream' };
  await writeStreamState(client, next);
  return next;
}

/** From what is applied, which may be more than what was acknowledged. */
function openSource(options: SessionOptions, catalog: Catalog, state: StreamState, from: Lsn): Promise<ChangeSource> {
  return openPgOutputSource({
    url: options.postgresUrl,
    slot: options.slot,
    publication: options.publication,
    generation: state.generation,
    from,
    groups: options.models.groupKeys,
    sortKeys: Object.fromEntries(catalog.tables.map((table) => [table.name, sortKeyColumns(table)])),
    heartbeatMs: options.heartbeatMs,
  });
}

async function missingValues(database: SourceDatabase, catalog: Catalog) {
  const entries = catalog.tables.map(
    async (table: PublishedTable) => [table.name, await database.missingValues(table.name)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}
