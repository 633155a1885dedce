import { type ClickHouseClient, queryRows } from '../ingestion/clickhouse.ts';

export interface RecordedDrift {
  readonly table: string;
  readonly key: string;
  readonly detail: string;
  /** When it was last seen, UTC. */
  readonly checkedAt: string;
}

/** Keys that differed when the sample last looked at them. `uco status` and /readyz show these. */
export function openDrift(clickhouse: ClickHouseClient): Promise<RecordedDrift[]> {
  return queryRows<RecordedDrift>(
    clickhouse,
    `SELECT table, key, detail, formatDateTime(checked_at, '%FT%T.%fZ', 'UTC') AS checkedAt
     FROM ops.verification FINAL WHERE status = 'drift' ORDER BY table, key LIMIT 100`,
  );
}

export interface LastCheck {
  readonly table: string;
  /** Keys of the last round. */
  readonly checked: number;
  /** ISO 8601, UTC. */
  readonly checkedAt: string;
}

/** When each table was last looked at, by name. */
export function lastChecks(clickhouse: ClickHouseClient): Promise<LastCheck[]> {
  return queryRows<LastCheck>(
    clickhouse,
    `SELECT table, toUInt32(checked) AS checked, formatDateTime(checked_at, '%FT%T.%fZ', 'UTC') AS checkedAt
     FROM ops.verification FINAL WHERE key = '' AND status = 'checked' ORDER BY table`,
  );
}

export interface SampleRecord {
  readonly checked: readonly { readonly table: string; readonly checked: number }[];
  readonly drift: readonly { readonly table: string; readonly key: string; readonly detail: string }[];
  readonly resolved: readonly { readonly table: string; readonly key: string }[];
}

/** Writes down a round of the sample. */
export async function recordSample(clickhouse: ClickHouseClient, record: SampleRecord): Promise<void> {
  const values = [
    ...record.checked.map(({ table, checked }) => ({ table, key: '', status: 'checked', detail: '', checked })),
    ...record.drift.map(({ table, key, detail }) => ({ table, key, status: 'drift', detail, checked: 1 })),
    ...record.resolved.map(({ table, key }) => ({ table, key, status: 'resolved', detail: '', checked: 1 })),
  ];
  if (values.length === 0) return;
  const at = new Date().toISOString().replace('T', ' ').replace('Z', '000');
  await clickhouse.insert({
    table: 'ops.verification',
    format: 'JSONEachRow',
    values: values.map((value) => ({ ...value, checked_at: at })),
  });
}
