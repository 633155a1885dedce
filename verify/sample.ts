import { setTimeout as sleep } from 'node:timers/promises';
import { Counter, Gauge, type Registry } from 'prom-client';
import { GROUP_KEY_COLUMNS } from '../transforms/groups.ts';
import { readableRow } from './canonical-text.ts';
import { type FactKey, prepareFactDigests } from './fact-digests.ts';
import { type PublishedTable, readPublishedTables } from './published-tables.ts';
import { randomRows, readIdentity, recentRows, rowsByKey } from './sample-rows.ts';
import {
  type Chosen,
  type SampledStores,
  sampleFacts,
  settleRows,
  type TableSample,
  type Verdict,
} from './sample-verdicts.ts';
import { openDrift, recordSample } from './verification-log.ts';

export interface Drift {
  /** `orders` … or `facts.orders` … */
  readonly table: string;
  /** Primary key, values joined by a comma. */
  readonly key: string;
  readonly detail: string;
}

export interface SampleResult {
  readonly checked: number;
  readonly matched: number;
  /** Changed too often to be judged. */
  readonly undecided: number;
  readonly drift: readonly Drift[];
  readonly milliseconds: number;
}

export interface SamplingOptions extends SampledStores {
  /** Milliseconds from one round to the next; 5,000 by default. */
  readonly intervalMs?: number;
  /** Rows per table and round that are taken at random, and as many that changed last; 5 by default. */
  readonly rows?: number;
  /** Metrics go here: uco_sample_checked_total, uco_sample_matched_total, uco_sample_drift. */
  readonly registry?: Registry;
  readonly onError?: (error: unknown) => void;
}

/** Rows of one table for this round; also notes which facts they belong to. */
async function chooseRows(
  options: SamplingOptions,
  table: PublishedTable,
  recheck: readonly string[],
  factKeys: FactKeys,
): Promise<Chosen> {
  const { postgres, clickhouse, rows = 5 } = options;
  const identity = await readIdentity(clickhouse, table);
  const chosen = [
    ...(await randomRows(postgres, table, identity, rows)),
    ...(await recentRows(clickhouse, table, identity, rows)),
    ...(await rowsByKey(postgres, table, identity, recheck)),
  ];
  const group = GROUP_KEY_COLUMNS[table.name];
  for (const row of group ? chosen : []) {
    const values = readableRow(table.columns, row.text ?? '');
    const [tenant, key] = [values.tenant_id, group ? values[group.column] : null];
    if (group && tenant && key) noteFact(factKeys, group.group, { tenant, key });
  }
  return { table, identity, keys: new Map(chosen.map((row) => [row.key, row.identity])) };
}

type FactKeys = Map<string, Map<string, FactKey>>;

function noteFact(factKeys: FactKeys, group: string, fact: FactKey): void {
  const members = factKeys.get(group) ?? new Map<string, FactKey>();
  factKeys.set(group, members.set(`${fact.tenant},${fact.key}`, fact));
}

/** One round: random and recently changed rows of every table, and the facts they belong to. */
export async function sampleOnce(options: SamplingOptions): Promise<SampleResult> {
  const begun = performance.now();
  const client = await options.postgres.connect();
  const tables = await readPublishedTables(client).finally(() => client.release());
  const known = await openDrift(options.clickhouse);
  const factKeys: FactKeys = new Map();
  for (const { table, key } of known.filter((drift) => drift.table.startsWith('facts.'))) {
    const [tenant = '', id = ''] = key.split(',');
    noteFact(factKeys, table.replace('facts.', ''), { tenant, key: id });
  }
  const chosen: Chosen[] = [];
  for (const table of tables) {
    const recheck = known.filter((drift) => drift.table === table.name).map((drift) => canonicalKey(drift.key));
    chosen.push(await chooseRows(options, table, recheck, factKeys));
  }
  const samples = await settleRows(options, chosen);
  for (const [group, keys] of factKeys) samples.push(await sampleFacts(options, group, keys));
  return summarize(options, samples, known, performance.now() - begun);
}

/** Keys are recorded as people read them; all key columns but dates and times read as they are written canonically. */
function canonicalKey(key: string): string {
  const day = /^\d{4}-\d{2}-\d{2}$/;
  const values = key.split(',').map((value) => (day.test(value) ? `${Date.parse(value) / 86_400_000}` : value));
  return values.map((value) => `v${value}`).join('\x1f');
}

async function summarize(
  options: SamplingOptions,
  samples: readonly TableSample[],
  known: readonly { table: string; key: string }[],
  milliseconds: number,
): Promise<SampleResult> {
  const count = (wanted: Verdict) =>
    samples.reduce(
      (sum, { verdicts }) => sum + [...verdicts.values()].filter((verdict) => verdict === wanted).length,
      0,
    );
  const drift: Drift[] = samples.flatMap(({ table, verdicts }) =>
    [...verdicts]
      .filter(([, verdict]) => verdict === 'differs')
      .map(([key]) => ({
        table,
        key,
        detail: table.startsWith('facts.') ? 'the fact is not what raw yields' : 'raw is not what Postgres has',
      })),
  );
  const drifting = new Set(drift.map(({ table, key }) => `${table} ${key}`));
  const resolved = known.filter(({ table, key }) => {
    const sample = samples.find((candidate) => candidate.table === table);
    // A key that is gone from both sides is not found again: it differs no more.
    return sample !== undefined && !drifting.has(`${table} ${key}`) && sample.verdicts.get(key) !== 'changing';
  });
  const checked = samples.map(({ table, verdicts }) => ({ table, checked: verdicts.size }));
  await recordSample(options.clickhouse, { checked, drift, resolved });
  const total = checked.reduce((sum, { checked: rows }) => sum + rows, 0);
  return { checked: total, matched: count('same'), undecided: count('changing'), drift, milliseconds };
}

export interface Sampling {
  /** Ends after the round under way. */
  stop(): Promise<void>;
}

/**
 * Compares a sample of Postgres, raw and facts all the time and records what it finds in ops.verification; drift stays there
 * until the key agrees again. Errors go to `onError` and end a round, never the sampling.
 */
export function startSampling(options: SamplingOptions, onResult?: (result: SampleResult) => void): Sampling {
  const stopping = new AbortController();
  const metrics = options.registry ? sampleMetrics(options.registry) : null;
  const run = async () => {
    let prepared = false;
    while (!stopping.signal.aborted) {
      await sleep(options.intervalMs ?? 5_000, undefined, { signal: stopping.signal, ref: false }).catch(() => {});
      if (stopping.signal.aborted) return;
      try {
        if (!prepared) await prepareFactDigests(options.clickhouse);
        prepared = true;
        const result = await sampleOnce(options);
        metrics?.(result);
        onResult?.(result);
      } catch (error) {
        options.onError?.(error);
      }
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

function sampleMetrics(registry: Registry): (result: SampleResult) => void {
  const registers = [registry];
  const checked = new Counter({ name: 'uco_sample_checked_total', help: 'Keys that the sample compared.', registers });
  const matched = new Counter({ name: 'uco_sample_matched_total', help: 'Keys that agreed on all sides.', registers });
  const drift = new Gauge({ name: 'uco_sample_drift', help: 'Keys found to differ in the last round.', registers });
  return (result) => {
    checked.inc(result.checked);
    matched.inc(result.matched);
    drift.set(result.drift.length);
  };
}
