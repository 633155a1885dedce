import {
  type ClickHousePasswords,
  type Reader,
  readableDatabases,
  readableTables,
  readerGrants,
  readers,
} from './clickhouse-users.ts';

/**
 * The statements that make the restricted users on a ClickHouse that is not ours. Repeatable, also while they are in use: a user
 * keeps its identity (policies name that, not the name), and may read nothing before its policies stand.
 */
export function readerSql(passwords: ClickHousePasswords): string[] {
  return [
    ...readableDatabases.map((name) => `CREATE DATABASE IF NOT EXISTS ${name}`),
    ...readers.flatMap((reader) => users(reader, passwords)),
    ...policies(),
    ...readers.flatMap((reader) => readerGrants().map((grant) => `${grant} TO ${reader}`)),
  ];
}

function users(reader: Reader, { tenantReader, platformReader }: ClickHousePasswords): string[] {
  const definition =
    `${reader} IDENTIFIED WITH sha256_password BY '${reader === 'tenant_reader' ? tenantReader : platformReader}' ` +
    'SETTINGS readonly = 2, allow_get_client_http_header = 1 CONST, output_format_decimal_trailing_zeros = 1, ' +
    'max_execution_time = 30 MAX 30, max_memory_usage = 1000000000 MAX 1000000000';
  return [`CREATE USER IF NOT EXISTS ${definition}`, `ALTER USER ${definition}`];
}

function policies(): string[] {
  return Object.entries(readableTables).flatMap(([database, tables]) =>
    Object.entries(tables).flatMap(([table, own]) => [
      policy('uco_tenant', `${database}.${table}`, own, 'tenant_reader'),
      // Where policies exist, a user without one sees nothing (or, by an older default, everything): so all are named.
      policy('uco_everybody_else', `${database}.${table}`, '1', 'ALL EXCEPT tenant_reader'),
    ]),
  );
}

function policy(name: string, table: string, filter: string, to: string): string {
  return `CREATE ROW POLICY OR REPLACE ${name} ON ${table} FOR SELECT USING ${filter} TO ${to}`;
}
