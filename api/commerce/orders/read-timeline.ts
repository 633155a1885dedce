import type { JSONValue } from 'hono/utils/types';
import { type RawBuilder, sql } from 'kysely';
import type { CommerceTransaction } from '../database.ts';

export interface TimelineEvent {
  readonly id: string;
  readonly type: string;
  readonly entityId: string;
  readonly actorId: string | null;
  readonly occurredAt: string;
  readonly data: Record<string, JSONValue>;
}

/** What happened to an order, its payments, shipments and returns: at most `count` events after `after`, oldest first. */
export async function readTimeline(
  trx: CommerceTransaction,
  orderId: string,
  after: string | null,
  count: number,
): Promise<TimelineEvent[]> {
  const of = (table: RawBuilder<unknown>) => sql`SELECT id FROM commerce.${table} WHERE order_id = ${orderId}`;
  const { rows } = await sql<TimelineEvent>`
    SELECT e.id, e.event_type AS type, e.entity_id AS "entityId", e.actor_id AS "actorId",
      to_char(e.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "occurredAt", e.data
    FROM commerce.events e
    WHERE e.entity_id IN (SELECT ${orderId}::uuid UNION ALL ${of(sql`payments`)} UNION ALL ${of(sql`shipments`)}
        UNION ALL ${of(sql`returns`)})
      AND (${after}::uuid IS NULL OR e.id > ${after}::uuid)
    ORDER BY e.id LIMIT ${count}`.execute(trx);
  return rows;
}
