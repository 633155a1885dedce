import type { TableRows } from '../cdc/change-source.ts';
import { splitVersion } from '../cdc/lsn.ts';
import { type ClickHouseClient, queryRows } from './clickhouse.ts';
import { type DeadLetter, keyPlaces, keyText } from './dead-letter.ts';
import { instant } from './progress.ts';
import { pickFields } from './tsv-rows.ts';

export type LetterStatus = 'waiting' | 'superseded' | 'replayed';

/** A letter as somebody looks at it: without the change itself. */
export interface WaitingLetter {
  readonly id: string;
  readonly table: string;
  readonly key: string;
  readonly tenantId: string;
  /** ISO 8601, UTC. */
  readonly firstSeen: string;
  readonly reason: string;
}

/** What waits for a replay, oldest change first, `most` at most. */
export function waitingLetters(client: ClickHouseClient, most: number): Promise<WaitingLetter[]> {
  return queryRows<WaitingLetter>(
    client,
    `SELECT id, table, key, toString(tenant_id) AS tenantId, formatDateTime(first_seen, '%FT%T.%fZ', 'UTC') AS firstSeen, reason
     FROM ops.dead_letters FINAL WHERE status = 'waiting' ORDER BY version LIMIT {most:UInt32}`,
    { most },
  );
}

/** Keeps ops.dead_letters, and remembers which keys wait. One writer: the stream. */
export class DeadLetters {
  /** table → key → the letters that wait for it. */
  readonly #waiting = new Map<string, Map<string, DeadLetter[]>>();
  readonly #client: ClickHouseClient;

  private constructor(client: ClickHouseClient) {
    this.#client = client;
  }

  /** Reads what waits. */
  static async open(client: ClickHouseClient): Promise<DeadLetters> {
    const letters = new DeadLetters(client);
    for (const letter of await letters.list()) letters.#remember(letter);
    return letters;
  }

  /** Changes that wait for a replay. */
  get waiting(): number {
    return this.#count((waiting) => waiting.length);
  }

  /** Keys whose row in raw is older than in Postgres. */
  get staleKeys(): number {
    return this.#count(() => 1);
  }

  #count(of: (letters: readonly DeadLetter[]) => number): number {
    let count = 0;
    for (const keys of this.#waiting.values()) for (const letters of keys.values()) count += of(letters);
    return count;
  }

  /** Waiting letters as stored, oldest change first. */
  async list(id?: string): Promise<DeadLetter[]> {
    const rows = await queryRows<Record<string, string> & { columns: string[] }>(
      this.#client,
      `SELECT id, table, key, tenant_id, toString(version) AS version_text, reason, columns, change
       FROM ops.dead_letters FINAL WHERE status = 'waiting' ${id === undefined ? '' : 'AND id = {id:String}'}
       ORDER BY version`,
      id === undefined ? {} : { id },
    );
    return rows.map((row) => {
      const version = BigInt(row.version_text as string);
      return {
        id: row.id as string,
        table: row.table as string,
        key: row.key as string,
        tenantId: row.tenant_id as string,
        position: splitVersion(version).lsn,
        version,
        reason: row.reason as string,
        columns: row.columns,
        change: row.change as string,
      };
    });
  }

  /** Stores letters durably. One that was settled before (the batch came again after a crash) stays settled. */
  async record(letters: readonly DeadLetter[]): Promise<void> {
    if (letters.length === 0) return;
    const settled = new Set(
      (
        await queryRows<{ id: string }>(
          this.#client,
          `SELECT id FROM ops.dead_letters FINAL WHERE status != 'waiting' AND id IN {ids:Array(String)}`,
          { ids: letters.map((letter) => letter.id) },
        )
      ).map((row) => row.id),
    );
    const fresh = letters.filter((letter) => !settled.has(letter.id));
    await this.#store(fresh, 'waiting');
    for (const letter of fresh) this.#remember(letter);
  }

  /** Settles the letters of keys that have a newer change among these rows, which were applied. */
  async supersede(rows: TableRows, applied: Iterable<Buffer>): Promise<void> {
    const keys = this.#waiting.get(rows.table.name);
    if (!keys) return;
    const places = keyPlaces(rows.table, rows.columns);
    const version = rows.columns.indexOf('_version');
    const settled: DeadLetter[] = [];
    for (const row of applied) {
      const letters = keys.get(keyText(row, places));
      if (!letters) continue;
      const applied = BigInt(pickFields(row, [version])[0] as string);
      settled.push(...letters.filter((letter) => letter.version < applied && !settled.includes(letter)));
    }
    await this.settle(settled, 'superseded');
  }

  /** Settles every letter older than a copy of everything: the copy had the row as it was later, or knew it is gone. */
  async settleOlder(version: bigint): Promise<void> {
    const older = (await this.list()).filter((letter) => letter.version < version);
    await this.settle(older, 'superseded');
  }

  async settle(letters: readonly DeadLetter[], status: LetterStatus): Promise<void> {
    if (letters.length === 0) return;
    await this.#store(letters, status);
    for (const letter of letters) this.#forget(letter);
  }

  /** True when rows of this table wait, so that applied rows must be looked through. */
  waitsFor(table: string): boolean {
    return this.#waiting.has(table);
  }

  async #store(letters: readonly DeadLetter[], status: LetterStatus): Promise<void> {
    if (letters.length === 0) return;
    const now = instant(new Date());
    await this.#client.insert({
      table: 'ops.dead_letters',
      format: 'JSONEachRow',
      values: letters.map((letter) => ({
        ...{ id: letter.id, table: letter.table, key: letter.key, tenant_id: letter.tenantId },
        ...{ position: String(letter.position), version: String(letter.version), reason: letter.reason },
        ...{ columns: letter.columns, change: letter.change, status, first_seen: now, updated_at: now },
      })),
    });
  }

  #remember(letter: DeadLetter): void {
    const keys = this.#waiting.get(letter.table) ?? new Map<string, DeadLetter[]>();
    this.#waiting.set(letter.table, keys);
    const others = (keys.get(letter.key) ?? []).filter((other) => other.id !== letter.id);
    keys.set(letter.key, [...others, letter]);
  }

  #forget(letter: DeadLetter): void {
    const keys = this.#waiting.get(letter.table);
    const left = (keys?.get(letter.key) ?? []).filter((other) => other.id !== letter.id);
    if (left.length > 0) keys?.set(letter.key, left);
    else keys?.delete(letter.key);
    if (keys?.size === 0) this.#waiting.delete(letter.table);
  }
}
