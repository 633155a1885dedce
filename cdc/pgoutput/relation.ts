/** A published table as the stream describes it, with everything the encoder needs per column looked up once. */
import { type Catalog, resolveType } from '../catalog.ts';
import type { ColumnSchema, GroupKeyColumns, TableSchema } from '../change-source.ts';
import { type ElementKind, type FieldKind, fieldType } from '../type-map.ts';
import { Tuple } from './tuple.ts';

/** A pgoutput Relation message. */
export interface RelationMessage {
  readonly id: number;
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly typeOid: number; readonly typeModifier: number }[];
}

/** What the stream is told about tables besides the catalogue. */
export interface TableRoles {
  readonly groups: GroupKeyColumns;
  /** table → columns of its raw sort key; the primary key where a table is not named. */
  readonly sortKeys: Readonly<Record<string, readonly string[]>>;
}

export interface Relation {
  readonly table: TableSchema;
  readonly kinds: readonly FieldKind[];
  readonly elements: readonly (ElementKind | undefined)[];
  /** Indexes of the primary key columns, in key order. */
  readonly key: readonly number[];
  readonly sortKey: readonly number[];
  readonly group: { readonly name: string; readonly column: number } | null;
  /** Index of the column that names the tenant, -1 when there is none. */
  readonly tenant: number;
  readonly row: Tuple;
  readonly oldRow: Tuple;
}

export function readRelation(bytes: Buffer, start: number): RelationMessage {
  let at = start;
  const text = () => {
    const end = bytes.indexOf(0, at);
    const value = bytes.toString('utf8', at, end);
    at = end + 1;
    return value;
  };
  const id = bytes.readUInt32BE(at);
  at += 4;
  const schema = text();
  const name = text();
  const count = bytes.readUInt16BE(at + 1);
  at += 3;
  const columns = [];
  for (let i = 0; i < count; i++) {
    at += 1;
    const column = text();
    columns.push({ name: column, typeOid: bytes.readUInt32BE(at), typeModifier: bytes.readInt32BE(at + 4) });
    at += 8;
  }
  return { id, schema, name, columns };
}

/**
 * The table as it was when the change was written: columns and types come from the message, which is of that time; what it
 * does not say (not null, primary key, what a domain is made of) from the catalogue, which is of now.
 */
export function tableOf(message: RelationMessage, catalog: Catalog): TableSchema {
  const known = catalog.tables.find((table) => table.name === message.name && table.schema === message.schema);
  const columns = message.columns.map((column): ColumnSchema => {
    const now = known?.columns.find((other) => other.name === column.name);
    return {
      name: column.name,
      ...resolveType(catalog.domains, column.typeOid, column.typeModifier),
      notNull: now?.notNull ?? false,
      keyOrder: now?.keyOrder ?? 0,
    };
  });
  return { name: message.name, columns };
}

export function relationOf(table: TableSchema, roles: TableRoles): Relation {
  const types = table.columns.map(fieldType);
  const indexOf = (name: string) => table.columns.findIndex((column) => column.name === name);
  const key = table.columns
    .map((column, index) => ({ index, order: column.keyOrder }))
    .filter((column) => column.order > 0)
    .sort((a, b) => a.order - b.order)
    .map((column) => column.index);
  const sortKey = roles.sortKeys[table.name]?.map(indexOf).filter((index) => index >= 0) ?? key;
  const group = roles.groups[table.name];
  const groupColumn = group ? indexOf(group.column) : -1;
  const tenant = indexOf('tenant_id');
  return {
    table,
    kinds: types.map((type) => type.kind),
    elements: types.map((type) => type.element),
    key,
    sortKey,
    group: group && groupColumn >= 0 ? { name: group.group, column: groupColumn } : null,
    // The table of tenants itself is keyed by tenant.
    tenant: tenant < 0 && table.name === 'tenants' ? indexOf('id') : tenant,
    row: new Tuple(table.columns.length),
    oldRow: new Tuple(table.columns.length),
  };
}

/** True when rows of both can go into one batch entry. */
export function sameLayout(a: TableSchema, b: TableSchema): boolean {
  return (
    a.columns.length === b.columns.length &&
    a.columns.every((column, i) => {
      const other = b.columns[i] as ColumnSchema;
      return (
        column.name === other.name &&
        column.typeOid === other.typeOid &&
        column.typeModifier === other.typeModifier &&
        column.notNull === other.notNull &&
        column.keyOrder === other.keyOrder
      );
    })
  );
}
