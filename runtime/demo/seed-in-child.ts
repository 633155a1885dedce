import { openCommerceDatabase } from '../../api/commerce/database.ts';
import type { ChildSettings } from '../child-protocol.ts';
import type { EngineOutput } from '../engines/engine.ts';
import { startNodeChild } from '../node-child.ts';
import { readDemo } from './mark.ts';

export interface SeedInChildOptions {
  readonly settings: ChildSettings;
  /** Whether nothing can be there yet: then the process loads while the store is prepared. */
  readonly isNewStore: boolean;
  /** Resolves when the store is migrated. */
  readonly migrated: Promise<void>;
  readonly onLine: EngineOutput;
  /** A line for the operator. */
  readonly tell: (line: string) => void;
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Making up a brand's history keeps the process busy for seconds. */
const PATIENCE_MS = 60_000;

/**
 * Seeds the demo in a process of its own where it is due, and resolves with whether the store has it then. Rejects only when `migrated`
 * does: without a demo the instance is as good, and what is missing is seeded at the next start.
 */
export async function seedInChild({
  settings,
  isNewStore,
  migrated,
  signal,
  tell,
  onLine,
  onProgress,
}: SeedInChildOptions): Promise<boolean> {
  try {
    const state = isNewStore ? 'empty' : await migrated.then(() => demoState(settings.postgresUrl));
    if (state === 'foreign') onLine('The store has brands of its own: the demo is not seeded.');
    if (state === 'foreign' || state === 'seeded') return state === 'seeded';
    migrated.then(
      () => onProgress('starting'),
      () => {},
    );
    const child = await startNodeChild({
      entry: './demo/seed-process.ts',
      settings,
      configureAfter: migrated,
      signal,
      patienceMs: PATIENCE_MS,
      onLine,
      onMessage: (message) => {
        if (message.type === 'progress') onProgress(message.line);
      },
    });
    await child.stop();
    return true;
  } catch (error) {
    await migrated;
    if (!signal.aborted) {
      tell(`The demo could not be seeded: ${error instanceof Error ? error.message : String(error)}`);
    }
    return false;
  }
}

async function demoState(postgresUrl: string) {
  const database = await openCommerceDatabase(postgresUrl, { maxConnections: 1 });
  try {
    return (await readDemo(database)).state;
  } finally {
    await database.close();
  }
}
