import type { ClickHouseClient } from '../ingestion/clickhouse.ts';
import { DATABASES, type Databases, inDatabases } from './databases.ts';
import { createLock } from './lock.ts';
import { loadModels, type Model } from './model.ts';

/** group → lines `tenant_id\tkey` of the entities to recompute, as a change batch carries them. */
export type ChangedKeys = ReadonlyMap<string, ReadonlySet<string>>;

export interface Refresher {
  /**
   * Recomputes the facts of `changedKeys` from raw and replaces what stood there, by version; resolves when they are
   * durable. `version` is the position of the last change in raw, with its generation: it must not go back, except for a
   * replay. Idempotent. Rejects when a statement fails: the caller repeats the whole call.
   */
  refresh(changedKeys: ChangedKeys, version: bigint): Promise<void>;
  /** Runs `create` between two refreshes; from then on every refresh of `model` also writes `table`, a shadow being filled. */
  addShadow(model: Model, table: string, create: () => Promise<void>): Promise<void>;
  /** Runs `swap` between two refreshes, after which `table` is no shadow any more. */
  endShadow(table: string, swap: () => Promise<void>): Promise<void>;
}

export interface RefresherOptions {
  readonly databases?: Databases;
  readonly models?: readonly Model[];
}

/** More keys than this go in several statements: bounds the memory of each. */
const KEYS_PER_STATEMENT = 50_000;

/** Where a fill takes its keys from when they travel in the request's body, one TabSeparated line each. */
const KEYS_FROM_BODY = "input('tenant_id UUID, key UUID')";

export function createRefresher(clickhouse: ClickHouseClient, options: RefresherOptions = {}): Refresher {
  const { databases = DATABASES, models = loadModels() } = options;
  const facts = models.filter(({ fill }) => fill !== null);
  const shadows = new Map<string, Model>();
  const exclusively = createLock();

  const recompute = async (model: Model, keys: ReadonlySet<string>, version: bigint) => {
    // A shadow may have another shape than the table it is to replace: each is filled by its own file.
    const targets = [[model.name, model] as const, ...shadows].filter(([, of]) => of.name === model.name);
    for (const lines of keyChunks(keys)) {
      for (const [target, of] of targets) {
        const sql = fillStatement(of, { target, keys: KEYS_FROM_BODY, databases });
        await clickhouse.command({
          query: `${sql} FORMAT TabSeparated\n${lines}`,
          query_params: { version: version.toString() },
          clickhouse_settings: REFRESH_SETTINGS,
        });
      }
    }
  };

  return {
    refresh: (changedKeys, version) =>
      exclusively(async () => {
        const touched = facts.filter(({ group }) => changedKeys.get(group ?? '')?.size);
        await Promise.all(
          touched.map((fact) => recompute(fact, changedKeys.get(fact.group ?? '') ?? new Set(), version)),
        );
      }),
    addShadow: (model, table, create) =>
      exclusively(async () => {
        if (shadows.has(table)) throw new Error(`a rebuild of ${model.name} is running already`);
        await create();
        shadows.set(table, model);
      }),
    endShadow: (table, swap) =>
      exclusively(async () => {
        try {
          await swap();
        } finally {
          shadows.delete(table);
        }
      }),
  };
}

/** What every fill needs: the keys are read once, from the request, and used for each source. */
export const FILL_SETTINGS = { enable_materialized_cte: 1, join_algorithm: 'hash' } as const;

/**
 * Small statements gain nothing from several threads and leave the other core to the next one. Few keys among many granules
 * are found with fewer comparisons when ranges are split in three instead of eight.
 */
const REFRESH_SETTINGS = { ...FILL_SETTINGS, max_threads: 1, merge_tree_coarse_index_granularity: '3' } as const;

export interface FillTarget {
  /** Qualified table to write: the model's own, or a shadow of it. */
  readonly target: string;
  /** A table expression with columns tenant_id and key. */
  readonly keys: string;
  readonly databases: Databases;
}

/** The statement that recomputes `keys` of a fact into `target`; takes the parameter `version`. */
export function fillStatement(model: Model, { target, keys, databases }: FillTarget): string {
  if (model.fill === null) throw new Error(`${model.name} is a view: nothing to fill`);
  const sql = model.fill.replace(`INSERT INTO ${model.name}`, `INSERT INTO ${target}`);
  return inDatabases(sql, databases).replace(/\bchanged_keys\b/g, () => keys);
}

function* keyChunks(keys: ReadonlySet<string>): Generator<string> {
  let lines: string[] = [];
  for (const key of keys) {
    lines.push(key);
    if (lines.length === KEYS_PER_STATEMENT) {
      yield lines.join('\n');
      lines = [];
    }
  }
  if (lines.length > 0) yield lines.join('\n');
}
