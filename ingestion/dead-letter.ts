import { createHash } from 'node:crypto';
import type { Lsn, RejectedChange, TableRows, TableSchema } from '../cdc/change-source.ts';
import { splitVersion, versionOf } from '../cdc/lsn.ts';
import { keyColumns } from './raw-schema.ts';
import type { RefusedRow } from './row-isolation.ts';
import { escapeField, pickFields, rowFields, unescapeField } from './tsv-rows.ts';

/** A change that could not be applied, as kept in ops.dead_letters. */
export interface DeadLetter {
  readonly id: string;
  readonly table: string;
  /** Primary key, text values joined by a comma. */
  readonly key: string;
  readonly tenantId: string;
  readonly position: Lsn;
  readonly version: bigint;
  readonly reason: string;
  /** With `_version` when the change is whole; without it some values are not known and it can't be applied as it is. */
  readonly columns: readonly string[];
  /** The row as TabSeparated text with its newline, in the order of `columns`. */
  readonly change: string;
}

const ZERO_UUID = '00000000-0000-0000-0000-000000000000';

/** The letter of a row that ClickHouse refused. */
export function refusedLetter({ table, columns }: TableRows, { row, reason }: RefusedRow): DeadLetter {
  const fields = rowFields(row);
  const version = BigInt(fields[columns.indexOf('_version')] as string);
  const key = keyText(row, keyPlaces(table, columns));
  const tenantId = fields[columns.indexOf('tenant_id')] ?? ZERO_UUID;
  const id = letterId(table.name, key, version);
  const { lsn: position } = splitVersion(version);
  return { id, table: table.name, key, tenantId, position, version, reason, columns, change: row.toString('utf8') };
}

/** The letter of a change that the source could not encode. */
export function rejectedLetter(change: RejectedChange, generation: number): DeadLetter {
  const { table, key, reason, position } = change;
  const version = versionOf(generation, position);
  const fields = Object.values(change.row).map(escapeField);
  return {
    ...{
      id: letterId(table, key, version),
      table,
      key,
      tenantId: change.tenant ?? ZERO_UUID,
      position,
      version,
      reason,
    },
    ...{ columns: Object.keys(change.row), change: `${fields.join('\t')}\n` },
  };
}

/** Column → value of the stored change. */
export function letterFields(letter: DeadLetter): Map<string, string | null> {
  const fields = rowFields(Buffer.from(letter.change));
  return new Map(letter.columns.map((name, i) => [name, unescapeField(fields[i] as string)]));
}

/** Where the primary key stands among the encoded fields. */
export function keyPlaces(table: TableSchema, columns: readonly string[]): number[] {
  return keyColumns(table).map((column) => columns.indexOf(column.name));
}

/** A row's key as letters carry it. Places may be in any order: a key need not follow the order of the columns. */
export function keyText(row: Buffer, places: readonly number[]): string {
  return places.map((place) => unescapeField(pickFields(row, [place])[0] as string) ?? '').join(',');
}

function letterId(table: string, key: string, version: bigint): string {
  return createHash('sha256').update(`${table}\t${key}\t${version}`).digest('hex').slice(0, 12);
}
