import type { GroupKeyColumns } from '../cdc/change-source.ts';
import type { Pause } from './between-transactions.ts';
import { type ClickHouseClient, insertTsv } from './clickhouse.ts';
import { verdict } from './clickhouse-errors.ts';
import type { EncodedRow } from './current-row.ts';
import { type DeadLetter, letterFields } from './dead-letter.ts';
import type { DeadLetters } from './dead-letters.ts';
import { PendingRefresh } from './pending-refresh.ts';

export interface ReplayResult {
  readonly replayed: number;
  /** Letters whose row is no longer in Postgres: there is nothing to apply. */
  readonly superseded: number;
  /** Refused again, with today's reason. */
  readonly refused: readonly {
    readonly id: string;
    readonly table: string;
    readonly key: string;
    readonly reason: string;
  }[];
}

export interface ReplayOptions {
  readonly client: ClickHouseClient;
  readonly letters: DeadLetters;
  readonly groupKeys: GroupKeyColumns;
  readonly pause: Pause;
  /** The letter's row as it stands in Postgres, with the letter's version; null when it is gone. */
  readonly currentRow: (letter: DeadLetter) => Promise<EncodedRow | null>;
  /** Only this letter; all that wait when absent. */
  readonly id?: string;
}

/**
 * Tries waiting changes again: first exactly as they were (for after a column was mended), else the row as it is in Postgres
 * now. Both with the change's own version, so that whatever has been applied since stands. Facts of their keys are recomputed
 * before a letter counts as replayed.
 */
export async function replayDeadLetters(options: ReplayOptions): Promise<ReplayResult> {
  const { letters, pause, groupKeys } = options;
  const outcomes = { replayed: [] as DeadLetter[], superseded: [] as DeadLetter[] };
  const refused: ReplayResult['refused'][number][] = [];
  const changed = new PendingRefresh(pause.refresh, 50_000);
  for (const letter of await letters.list(options.id)) {
    try {
      outcomes[await replayOne(options, letter)].push(letter);
      changed.add(groupOf(letter, groupKeys));
      if (changed.full) await changed.flush(pause.version());
    } catch (error) {
      if (verdict(error) !== 'row') throw error;
      const reason = error instanceof Error ? error.message.slice(0, 500) : String(error);
      refused.push({ id: letter.id, table: letter.table, key: letter.key, reason });
    }
  }
  await changed.flush(pause.version());
  await letters.settle(outcomes.replayed, 'replayed');
  await letters.settle(outcomes.superseded, 'superseded');
  return { replayed: outcomes.replayed.length, superseded: outcomes.superseded.length, refused };
}

async function replayOne(
  { client, currentRow }: ReplayOptions,
  letter: DeadLetter,
): Promise<'replayed' | 'superseded'> {
  const table = `raw.\`${letter.table}\``;
  const store = ({ columns, row }: EncodedRow) => insertTsv(client, { table, columns, chunks: [row] });
  if (letter.columns.includes('_version')) {
    try {
      await store({ columns: letter.columns, row: Buffer.from(letter.change) });
      return 'replayed';
    } catch (error) {
      if (verdict(error) !== 'row') throw error;
    }
  }
  const current = await currentRow(letter);
  if (!current) return 'superseded';
  await store(current);
  return 'replayed';
}

function groupOf(letter: DeadLetter, groupKeys: GroupKeyColumns): Map<string, Set<string>> {
  const target = groupKeys[letter.table];
  if (!target) return new Map();
  const fields = letterFields(letter);
  return new Map([[target.group, new Set([`${fields.get('tenant_id')}\t${fields.get(target.column)}`])]]);
}
