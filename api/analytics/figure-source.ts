import type { Cost, ScopedReader, Statement } from './tenant-clickhouse.ts';

/** Whose rows a statement reads, as `compile` takes it. */
export interface Whose {
  readonly tenantId: string | null;
  readonly eachOf?: readonly string[];
}

/** Where the rows of an answer come from. */
export interface FigureSource {
  /** The rows of the asker's own statement. `name` tells the statements of one answer apart. */
  read<T>(name: string, write: (whose: Whose) => Statement, signal?: AbortSignal): Promise<T[]>;
}

/** A statement of its own for each read. */
export function readAlone(reader: ScopedReader, tenantId: string | null, cost?: Cost): FigureSource {
  return { read: (_, write, signal) => reader.query(write({ tenantId }), signal, cost) };
}
