import {
  type ClickHousePasswords,
  readableDatabases,
  readableTables,
  readerGrants,
  readers,
} from './clickhouse-users.ts';

/** The statements that make the restricted users on a ClickHouse that is not ours. Repeatable; the tables need not exist yet. */
export function readerSql(passwords: ClickHousePasswords): string[] {
  const password = { tenant_reader: passwords.tenantReader, platform_reader: passwords.platformReader };
  const users = readers.flatMap((reader) => [
    `CREATE USER OR REPLACE ${reader} IDENTIFIED WITH sha256_password BY '${password[reader]}' SETTINGS readonly = 2, ` +
      'allow_get_client_http_header = 1 CONST, output_format_decimal_trailing_zeros = 1, ' +
      'max_execution_time = 30 MAX 30, max_memory_usage = 1000000000 MAX 1000000000',
    ...readerGrants().map((grant) => `${grant} TO ${reader}`),
  ]);
  return [...readableDatabases.map((name) => `CREATE DATABASE IF NOT EXISTS ${name}`), ...users, ...policies()];
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
