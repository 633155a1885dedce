import { setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouseClient } from '../ingestion/clickhouse.ts';
import type { AdminPool } from '../sql/postgres.ts';
import { readableRow } from './canonical-text.ts';
import { type FactKey, readFactDigests } from './fact-digests.ts';
import type { PublishedTable } from './published-tables.ts';
import { keyColumns } from './row-hashes.ts';
import { type RawIdentity, rawRows, rowsByKey, type SampledRow } from './sample-rows.ts';

/** Both stores, and a way to wait for the stream between them. */
export interface SampledStores {
  readonly postgres: AdminPool;
  readonly clickhouse: ClickHouseClient;
  /** Resolves once everything that was committed before the call is visible in facts (the stream's `drained`). */
  readonly drained: () => Promise<void>;
}

/** A row is judged again this often before it counts as drift: a live change must be no false alarm. */
const attempts = 3;
const settleMs = 1_500;

export type Verdict = 'same' | 'differs' | 'changing';

/** Answers when the stream has applied all that is committed now; false when that takes longer than `timeoutMs`. */
async function caughtUp(options: SampledStores, timeoutMs: number): Promise<boolean> {
  const ended = new AbortController();
  const late = sleep(timeoutMs, false, { signal: ended.signal, ref: false }).catch(() => false);
  try {
    return await Promise.race([options.drained().then(() => true), late]);
  } finally {
    ended.abort();
  }
}

/** Keys of one table that are looked at in this round: canonical key → canonical raw identity. */
export interface Chosen {
  readonly table: PublishedTable;
  readonly identity: RawIdentity;
  readonly keys: Map<string, string>;
}

type Verdicts = Map<Chosen, Map<string, Verdict>>;

/**
 * Rows of Postgres before and after raw was read; between the two reads the stream caught up with the first. A row that did
 * not change meanwhile must be in raw as it is; one that did is looked at again.
 */
async function judgeRows(options: SampledStores, open: readonly Chosen[]): Promise<Verdicts> {
  const { postgres, clickhouse } = options;
  const read = ({ table, identity, keys }: Chosen) => rowsByKey(postgres, table, identity, [...keys.keys()]);
  const first = new Map<Chosen, SampledRow[]>();
  for (const chosen of open) first.set(chosen, await read(chosen));
  const isCurrent = await caughtUp(options, 10_000);
  const verdicts: Verdicts = new Map();
  for (const chosen of open) {
    const before = first.get(chosen) ?? [];
    const identities = new Set([...chosen.keys.values(), ...before.map((row) => row.identity)]);
    const mirrored = textOf(await rawRows(clickhouse, chosen.table, chosen.identity, [...identities]));
    const [earlier, later] = [textOf(before), textOf(await read(chosen))];
    const verdict = (key: string): Verdict => {
      if (!isCurrent || earlier.get(key) !== later.get(key)) return 'changing';
      return earlier.get(key) === mirrored.get(key) ? 'same' : 'differs';
    };
    verdicts.set(chosen, new Map([...chosen.keys.keys()].map((key) => [key, verdict(key)])));
  }
  return verdicts;
}

const textOf = (rows: readonly SampledRow[]) => new Map(rows.map(({ key, text }) => [key, text]));

/** Judges again what is not the same on both sides, until all is or the attempts are over. */
export async function settleRows(options: SampledStores, all: readonly Chosen[]): Promise<TableSample[]> {
  const decided: Verdicts = new Map(all.map((chosen) => [chosen, new Map<string, Verdict>()]));
  let open = all.filter(({ keys }) => keys.size > 0);
  const original = new Map(open.map((chosen) => [chosen, chosen]));
  for (let attempt = 1; open.length > 0 && attempt <= attempts; attempt++) {
    if (attempt > 1) await sleep(settleMs, undefined, { ref: false });
    const next: Chosen[] = [];
    for (const [chosen, verdicts] of await judgeRows(options, open)) {
      const whole = original.get(chosen) ?? chosen;
      for (const [key, verdict] of verdicts) decided.get(whole)?.set(key, verdict);
      const keys = new Map([...chosen.keys].filter(([key]) => verdicts.get(key) !== 'same'));
      const rest = { ...chosen, keys };
      original.set(rest, whole);
      if (keys.size > 0) next.push(rest);
    }
    open = next;
  }
  return [...decided].map(([{ table }, verdicts]) => {
    const readable = (key: string) => Object.values(readableRow(keyColumns(table), key)).join(',');
    return { table: table.name, verdicts: new Map([...verdicts].map(([key, verdict]) => [readable(key), verdict])) };
  });
}

export interface TableSample {
  readonly table: string;
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

/** Compares facts with what raw yields now. Only what differs twice in the same way is drift. */
export async function sampleFacts(
  options: SampledStores,
  group: string,
  keys: Map<string, FactKey>,
): Promise<TableSample> {
  const verdicts = new Map<string, Verdict>([...keys.keys()].map((key) => [key, 'changing']));
  const previous = new Map<string, string>();
  let open = [...keys.values()];
  for (let attempt = 1; open.length > 0 && attempt <= attempts; attempt++) {
    if (attempt > 1) await sleep(settleMs, undefined, { ref: false });
    if (!(await caughtUp(options, 10_000))) continue;
    const digests = new Map((await readFactDigests(options.clickhouse, group, open)).map((one) => [one.key, one]));
    for (const { tenant, key } of open) {
      const name = `${tenant},${key}`;
      const { stored = '', recomputed = '' } = digests.get(name) ?? {};
      // Raw may have moved on between the two reads.
      const isStill = previous.get(name) === `${stored} ${recomputed}`;
      previous.set(name, `${stored} ${recomputed}`);
      verdicts.set(name, stored === recomputed ? 'same' : isStill ? 'differs' : 'changing');
    }
    open = open.filter(({ tenant, key }) => verdicts.get(`${tenant},${key}`) !== 'same');
  }
  return { table: `facts.${group}`, verdicts };
}
