import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { from as copyFrom } from 'pg-copy-streams';
import type { CheckedRow } from './check-row.ts';
import type { ImportSession } from './import-session.ts';

/**
 * The file lies in temporary tables of the importing session while it is worked on: invisible to every other session,
 * without WAL, and gone when the session ends, however it ends. A row-level policy shows a transaction the lines of its
 * own brand only, as in the tables they go to.
 */
const STAGED = `
  CREATE TEMPORARY TABLE import_staged (
    -- Ordinal of the record in the file, and the line on which it starts.
    record integer NOT NULL,
    line integer NOT NULL,
    brand text COLLATE "C" NOT NULL,
    -- Null: the line is good.
    reason text,
    order_id text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    line_no integer,
    placed_at timestamptz,
    customer text COLLATE "C",
    sku text COLLATE "C",
    product_name text,
    category text,
    quantity integer,
    unit_price numeric(19, 4),
    discount numeric(19, 4),
    tax numeric(19, 4),
    shipping numeric(19, 4),
    unit_cost numeric(19, 4),
    currency text COLLATE "C",
    channel text,
    country text,
    status text,
    promised_at timestamptz,
    shipped_at timestamptz,
    delivered_at timestamptz
  )`;

const CHUNK = 64 * 1024;

/** Copies lines into the session's staging table as they come. */
export class Staging {
  readonly #copy: Writable;
  #pending = '';
  #failure: Error | undefined;

  private constructor(copy: Writable) {
    this.#copy = copy;
    copy.on('error', (error: Error) => {
      this.#failure = error;
    });
  }

  static async open(session: ImportSession): Promise<Staging> {
    await session.query(STAGED);
    return new Staging(session.client.query(copyFrom('COPY import_staged FROM STDIN')));
  }

  add(record: number, line: number, row: CheckedRow): void {
    this.#pending += `${record}\t${line}\t${row.brand}\t\\N\t${cell(row.order_id)}\t${row.type}\t${row.line_no ?? '\\N'}\t${
      row.placed_at
    }\t${cell(row.customer)}\t${cell(row.sku)}\t${cell(row.product_name)}\t${cell(row.category)}\t${row.quantity}\t${
      row.unit_price
    }\t${row.discount ?? '\\N'}\t${row.tax ?? '\\N'}\t${row.shipping ?? '\\N'}\t${row.unit_cost ?? '\\N'}\t${
      row.currency ?? '\\N'
    }\t${cell(row.channel)}\t${cell(row.country)}\t${cell(row.status)}\t${row.promised_at ?? '\\N'}\t${
      row.shipped_at ?? '\\N'
    }\t${row.delivered_at ?? '\\N'}\n`;
  }

  /** A bad line: it takes its place among the lines of its order, so that their numbers stay what they are. */
  addBad(record: number, line: number, brand: string, orderId: string, reason: string): void {
    const nothing = '\t\\N'.repeat(19);
    this.#pending += `${record}\t${line}\t${cell(brand)}\t${cell(reason)}\t${cell(orderId)}\t${nothing}\n`;
  }

  /** Waits when Postgres is behind, so that nothing piles up here. */
  async flush(force = false): Promise<void> {
    if (this.#failure) throw this.#failure;
    if (this.#pending === '' || (!force && this.#pending.length < CHUNK)) return;
    const text = this.#pending;
    this.#pending = '';
    if (!this.#copy.write(text)) await once(this.#copy, 'drain');
  }

  async close(): Promise<void> {
    await this.flush(true);
    const finished = once(this.#copy, 'finish');
    this.#copy.end();
    await finished;
  }
}

const SPECIAL = /[\\\t\n\r]/;
const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** A text as COPY's text format wants it. */
export function cell(text: string | null): string {
  if (text === null) return '\\N';
  return SPECIAL.test(text) ? text.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] as string) : text;
}
