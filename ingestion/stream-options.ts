import type { GroupKeyColumns } from '../cdc/change-source.ts';
import type { Log } from '../runtime/log.ts';
import type { Pacing } from './apply-loop.ts';
import type { RefreshFacts } from './pending-refresh.ts';

/** Progress of a long task, as it is shown to whoever asked for it. */
export type OnProgress = (event: object) => void;

/** What transforms do for the stream. Handed in by the wiring: ingestion knows nothing of models. */
export interface Models {
  /** Which changed rows make which facts stale. */
  readonly groupKeys: GroupKeyColumns;
  readonly refresh: RefreshFacts;
  /** Brings tables and views in line with their files, and fills what is new. Raw tables exist, and the stream stands. */
  prepare(version: bigint, onProgress: OnProgress): Promise<void>;
  /** The same, and fills every fact anew from raw. */
  buildAll(version: bigint, onProgress: OnProgress): Promise<void>;
  /** Rebuilds one model, or all, while the stream goes on; `version` tells up to where facts are refreshed by then. */
  rebuild(model: string | undefined, version: () => bigint, onProgress: OnProgress): Promise<void>;
  /** Creates `marts_<suffix>` over `raw_<suffix>` and `facts_<suffix>`. */
  createCloneMarts(suffix: string): Promise<void>;
}

export interface StreamOptions {
  /** Administrative URLs. */
  readonly postgresUrl: string;
  readonly clickhouseUrl: string;
  readonly models: Models;
  readonly log: Log;
  /** `uco` by default. */
  readonly slot?: string;
  /** `uco` by default. */
  readonly publication?: string;
  readonly pacing?: Partial<Pacing>;
  /** Idle milliseconds after which a heartbeat is sent through Postgres; 1,000 by default. */
  readonly heartbeatMs?: number;
  /** Milliseconds between two looks whether tables were added to the publication; 5,000 by default. */
  readonly publicationMs?: number;
}
