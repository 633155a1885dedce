import type { ClickHouseClient } from '../ingestion/clickhouse.ts';
import { DATABASES } from './databases.ts';
import { loadModels } from './model.ts';
import { dropShadows, type RebuildProgress, rebuild } from './rebuild.ts';
import { createRefresher } from './refresh.ts';
import { createFacts, createMarts, type SchemaOptions } from './schema.ts';

/**
 * Brings facts and marts in line with their files, before the stream starts: makes what is missing, recomputes facts that
 * are new or whose file changed, drops what an interrupted rebuild left. `version` is the position applied so far, with its
 * generation. The raw tables must exist.
 */
export async function* prepareModels(
  clickhouse: ClickHouseClient,
  version: bigint,
  options: SchemaOptions = {},
): AsyncGenerator<RebuildProgress> {
  const { databases = DATABASES, models = loadModels() } = options;
  await dropShadows(clickhouse, databases);
  const stale = await createFacts(clickhouse, { databases, models });
  for (const { name } of stale) yield* buildNow(clickhouse, version, { databases, models }, name);
  await createMarts(clickhouse, { databases, models });
}

/**
 * Fills every fact from raw, at full speed: after a snapshot, when no stream runs yet. What was there is replaced whole, so
 * entities that are gone leave nothing. `version` is the snapshot's, with its generation.
 */
export async function* buildAll(
  clickhouse: ClickHouseClient,
  version: bigint,
  options: SchemaOptions = {},
): AsyncGenerator<RebuildProgress> {
  const { databases = DATABASES, models = loadModels() } = options;
  await dropShadows(clickhouse, databases);
  await createFacts(clickhouse, { databases, models });
  yield* buildNow(clickhouse, version, { databases, models });
}

function buildNow(clickhouse: ClickHouseClient, version: bigint, options: Required<SchemaOptions>, model?: string) {
  // Nothing else writes: a refresher of our own stands for the stream's.
  const refresher = createRefresher(clickhouse, options);
  return rebuild(clickhouse, { ...options, model, refresher, version: () => version, threads: 2 });
}
