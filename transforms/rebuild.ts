import { type ClickHouseClient, queryRows } from '../ingestion/clickhouse.ts';
import { DATABASES, type Databases, inDatabases } from './databases.ts';
import { GROUP_KEY_COLUMNS } from './groups.ts';
import { type KeyRange, keyRanges, keysWithin } from './key-ranges.ts';
import { loadModels, type Model } from './model.ts';
import { FILL_SETTINGS, fillStatement, type Refresher } from './refresh.ts';
import { createMarts, createTable } from './schema.ts';

export interface RebuildProgress {
  /** Qualified name of the model. */
  readonly model: string;
  /** Entities (orders, returns) recomputed so far, and all there are; counts of raw rows, so slightly above the live ones. */
  readonly done: number;
  readonly total: number;
  /** Entities per second since the model's fill began. */
  readonly rate: number;
  /** Null while unknown. */
  readonly secondsLeft: number | null;
  /** True once readers see the new table. */
  readonly swapped: boolean;
}

export interface RebuildOptions {
  /** The refresher of the stream that goes on meanwhile: it writes the shadow too. */
  readonly refresher: Refresher;
  /** Position up to which every refresh is done, with its generation (see Refresher.refresh). */
  readonly version: () => bigint;
  /** `facts.orders`, `orders` (the fact and the mart of that name), or nothing for all. */
  readonly model?: string;
  readonly databases?: Databases;
  readonly models?: readonly Model[];
  /** Entities per statement: bounds ClickHouse's memory (about 3 kB each). */
  readonly chunk?: number;
  /** Threads per statement. One leaves the machine to the live path. */
  readonly threads?: number;
}

/**
 * Computes facts anew from raw while they are served: into a shadow table, chunk by chunk, which then takes the table's
 * place at once. Readers see the old rows until then; live refreshes go to both. Views are recreated after the facts they
 * read. Ending the iteration early (or a failure) drops the shadow and changes nothing.
 */
export async function* rebuild(clickhouse: ClickHouseClient, options: RebuildOptions): AsyncGenerator<RebuildProgress> {
  const { models = loadModels(), databases = DATABASES } = options;
  for (const fact of factsToRebuild(models, options.model)) yield* rebuildFact(clickhouse, fact, options);
  await createMarts(clickhouse, { models, databases, replace: true });
}

/** The facts that a rebuild of `name` (see RebuildOptions.model) recomputes. Throws RangeError when there is no such model. */
export function factsToRebuild(models: readonly Model[], name?: string): Model[] {
  const named = models.filter((model) => !name || model.name === name || model.name.endsWith(`.${name}`));
  if (named.length === 0)
    throw new RangeError(`no model ${name}; there are ${models.map((model) => model.name).join(', ')}`);
  return models.filter((fact) => fact.fill && named.some((model) => model === fact || model.reads.includes(fact.name)));
}

/** Drops what an interrupted rebuild left behind. To be called at start, before the stream goes on. */
export async function dropShadows(clickhouse: ClickHouseClient, databases: Databases = DATABASES): Promise<void> {
  const left = await queryRows<{ name: string }>(
    clickhouse,
    `SELECT name FROM system.tables WHERE database = {database:String} AND endsWith(name, {suffix:String})`,
    { database: databases.facts, suffix: SHADOW_SUFFIX },
  );
  for (const { name } of left) await clickhouse.command({ query: `DROP TABLE ${databases.facts}.\`${name}\` SYNC` });
}

const SHADOW_SUFFIX = '__rebuild';

async function* rebuildFact(
  clickhouse: ClickHouseClient,
  model: Model,
  options: RebuildOptions,
): AsyncGenerator<RebuildProgress> {
  const { refresher, databases = DATABASES, chunk = 100_000, threads = 1 } = options;
  const table = inDatabases(model.name, databases);
  const shadow = `${table}${SHADOW_SUFFIX}`;
  await refresher.addShadow(model, shadow, async () => {
    await clickhouse.command({ query: `DROP TABLE IF EXISTS ${shadow} SYNC` });
    await clickhouse.command({ query: createTable(model, shadow, databases) });
  });
  let swapped = false;
  try {
    // Less than any live refresh from here on, even one at the very position where we stand: a chunk may read raw before a
    // change arrives and be stored after that change's refresh.
    const version = options.version() - 1n;
    const { ranges, total } = await keyRanges(clickhouse, inDatabases(entityTable(model), databases), chunk);
    const started = performance.now();
    const progress = (done: number): RebuildProgress => {
      const rate = done / ((performance.now() - started) / 1000);
      return { model: model.name, done, total, rate, secondsLeft: rate > 0 ? (total - done) / rate : null, swapped };
    };
    let done = 0;
    for (const range of ranges) {
      await fillRange(clickhouse, { model, range, target: shadow, databases, version, threads });
      done += range.rows;
      yield progress(done);
    }
    await refresher.endShadow(shadow, async () => {
      await clickhouse.command({ query: `EXCHANGE TABLES ${table} AND ${shadow}` });
      swapped = true;
    });
    yield progress(done);
  } finally {
    if (!swapped) await refresher.endShadow(shadow, async () => {});
    await clickhouse.command({ query: `DROP TABLE IF EXISTS ${shadow} SYNC` });
  }
}

interface RangeFill {
  readonly model: Model;
  readonly range: KeyRange;
  readonly target: string;
  readonly databases: Databases;
  readonly version: bigint;
  readonly threads: number;
}

async function fillRange(clickhouse: ClickHouseClient, fill: RangeFill): Promise<void> {
  const { model, range, target, databases, version, threads } = fill;
  const keys = keysWithin(inDatabases(entityTable(model), databases), range);
  await clickhouse.command({
    query: fillStatement(model, { target, keys, databases }),
    query_params: { version: version.toString() },
    clickhouse_settings: { ...FILL_SETTINGS, max_threads: threads },
  });
}

/** The raw table whose `id` is the key of the model's group: `raw.orders` for the group `orders`. */
function entityTable(model: Model): string {
  const table = Object.entries(GROUP_KEY_COLUMNS).find(
    ([, { group, column }]) => group === model.group && column === 'id',
  );
  if (!table) throw new Error(`${model.name}: no table has the keys of group ${model.group}`);
  return `raw.${table[0]}`;
}
