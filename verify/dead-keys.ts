import { parseLsn } from '../cdc/lsn.ts';
import { type ClickHouseClient, queryRows } from '../ingestion/clickhouse.ts';

/** A row that is known to be outdated, because a change of it could not be applied. */
export interface WaitingKey {
  readonly table: string;
  readonly key: string;
  readonly tenant: string;
  readonly position: string;
  readonly reason: string;
}

/** Keys whose change waits among the dead letters, as far as it happened before the position. */
export function waitingKeys(clickhouse: ClickHouseClient, before: string): Promise<WaitingKey[]> {
  return queryRows<WaitingKey>(
    clickhouse,
    `SELECT table, key, toString(tenant_id) AS tenant, toString(position) AS position, reason FROM ops.dead_letters FINAL
     WHERE status = 'waiting' AND dead_letters.position < {before:UInt64} ORDER BY dead_letters.position`,
    { before: parseLsn(before).toString() },
  );
}
