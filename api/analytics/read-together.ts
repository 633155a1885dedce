import { type FigureSource, readAlone, type Whose } from './figure-source.ts';
import type { AnalyticsReader, Cost, Statement } from './tenant-clickhouse.ts';

interface Waiting {
  resolve(rows: never[]): void;
  reject(error: unknown): void;
}

interface Reading {
  readonly write: (whose: Whose) => Statement;
  readonly brands: Map<string, Waiting>;
}

/**
 * Answers for several brands at the same time, whose reads of the same name become one statement: ClickHouse's price is per
 * statement and per part, hardly per brand. Each brand gets the rows that a statement of its own would give it. All must ask the
 * same, in the same zone, at the same instant.
 */
export class ReadTogether {
  readonly #readers: AnalyticsReader;
  readonly #signal: AbortSignal;
  readonly #cost: Cost;
  #readings = new Map<string, Reading>();

  constructor(readers: AnalyticsReader, signal: AbortSignal, cost: Cost) {
    this.#readers = readers;
    this.#signal = signal;
    this.#cost = cost;
  }

  of(tenantId: string): FigureSource {
    return {
      read: <T>(name: string, write: (whose: Whose) => Statement) =>
        new Promise<T[]>((resolve, reject) => {
          // All that is resolved together asks on together: when the loop turns, everybody has said what they need.
          if (this.#readings.size === 0) setImmediate(() => this.#send());
          const reading = this.#readings.get(name) ?? { write, brands: new Map() };
          reading.brands.set(tenantId, { resolve, reject });
          this.#readings.set(name, reading);
        }),
    };
  }

  #send(): void {
    const readings = [...this.#readings];
    this.#readings = new Map();
    for (const [name, reading] of readings) void this.#read(name, reading);
  }

  async #read(name: string, { write, brands }: Reading): Promise<void> {
    try {
      const rows = await this.#rows(name, write, [...brands.keys()]);
      for (const [id, { resolve }] of brands) resolve((rows.get(id) ?? []) as never[]);
    } catch (error) {
      for (const { reject } of brands.values()) reject(error);
    }
  }

  async #rows(name: string, write: Reading['write'], ids: readonly string[]): Promise<ReadonlyMap<string, unknown[]>> {
    const [only] = ids;
    if (only === undefined || ids.length > 1) {
      const statement = write({ tenantId: null, eachOf: ids });
      return this.#readers.forBrands(ids).query(statement, this.#signal, this.#cost);
    }
    const alone = readAlone(this.#readers.forBrand(only), only, this.#cost);
    return new Map([[only, await alone.read(name, write, this.#signal)]]);
  }
}
