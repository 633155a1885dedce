import type { ClickHouseClient } from '../ingestion/clickhouse.ts';
import type { Models, OnProgress } from '../ingestion/stream-options.ts';
import { buildAll, prepareModels } from '../transforms/build-all.ts';
import { cloneDatabases } from '../transforms/databases.ts';
import { GROUP_KEY_COLUMNS } from '../transforms/groups.ts';
import { loadModels } from '../transforms/model.ts';
import { rebuild } from '../transforms/rebuild.ts';
import { createRefresher } from '../transforms/refresh.ts';
import { createMarts } from '../transforms/schema.ts';

/** What the stream needs of transforms: ingestion itself knows nothing of models. */
export function createModels(clickhouse: ClickHouseClient): Models {
  const models = loadModels();
  const refresher = createRefresher(clickhouse, { models });
  return {
    groupKeys: GROUP_KEY_COLUMNS,
    refresh: (keys, version) => refresher.refresh(keys, version),
    prepare: (version, onProgress) => report(prepareModels(clickhouse, version, { models }), onProgress),
    buildAll: (version, onProgress) => report(buildAll(clickhouse, version, { models }), onProgress),
    rebuild: (model, version, onProgress) =>
      report(rebuild(clickhouse, { models, refresher, model, version }), onProgress),
    createCloneMarts: (suffix) => createMarts(clickhouse, { models, databases: cloneDatabases(suffix) }),
  };
}

async function report(steps: AsyncIterable<object>, onProgress: OnProgress): Promise<void> {
  for await (const step of steps) onProgress(step);
}
