// Who may read what in ClickHouse. One list: users.xml of the embedded server and the SQL for an external one follow from it.
import { createHash } from 'node:crypto';

/** Row filter of a brand's reader: the tenant its gateway hands over in a header, or tenants with commas between; without one, no rows. */
const asked = "arrayMap(id -> toUUIDOrZero(id), splitByChar(',', getClientHTTPHeader('X-Tenant')))";
const isAsked = (column: string) => `has(${asked}, ${column})`;
const ownTenant = isAsked('tenant_id');
const ownOrShared = `${ownTenant} OR tenant_id = toUUID('00000000-0000-0000-0000-000000000000')`;

/**
 * Tables the readers may see, with the row filter of `tenant_reader`. Each table is granted and filtered by name: one that is
 * not listed can't be read at all. A test compares the list with the tables that exist.
 */
export const readableTables: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  raw: {
    ...Object.fromEntries(
      [
        'adjustments',
        'audit_logs',
        'customers',
        'events',
        'inventory',
        'inventory_movements',
        'order_items',
        'orders',
        'payments',
        'product_variants',
        'products',
        'return_items',
        'returns',
        'shipment_items',
        'shipments',
        'warehouses',
      ].map((table) => [table, ownTenant]),
    ),
    tenants: isAsked('id'),
    fx_rates: '1',
  },
  facts: { orders: ownTenant, returns: ownTenant },
  ops: { progress: ownOrShared },
};

/** Views over the tables above: they run with the rights and row filters of whoever reads them. */
export const readableDatabases: readonly string[] = ['marts'];

export interface ClickHousePasswords {
  readonly admin: string;
  readonly tenantReader: string;
  readonly platformReader: string;
}

export const readers = ['tenant_reader', 'platform_reader'] as const;
export type Reader = (typeof readers)[number];

export function readerGrants(): string[] {
  const tables = Object.entries(readableTables).flatMap(([database, list]) =>
    Object.keys(list).map((table) => `${database}.${table}`),
  );
  return [...tables, ...readableDatabases.map((database) => `${database}.*`)].map((name) => `GRANT SELECT ON ${name}`);
}

/** users.xml of the embedded server; passwords are stored as hashes. */
export function usersXml(passwords: ClickHousePasswords): string {
  return `<clickhouse>
  <profiles>
    <default>
      <allow_get_client_http_header>1</allow_get_client_http_header>
      <async_insert>0</async_insert>
      <max_bytes_before_external_group_by>500000000</max_bytes_before_external_group_by>
      <max_bytes_before_external_sort>500000000</max_bytes_before_external_sort>
      <output_format_decimal_trailing_zeros>1</output_format_decimal_trailing_zeros>
    </default>
    <reader>
      <readonly>2</readonly>
      <!-- Marts are views: planned as part of the statement, not each with all its columns. -->
      <analyzer_inline_views>1</analyzer_inline_views>
      <allow_get_client_http_header>1</allow_get_client_http_header>
      <output_format_decimal_trailing_zeros>1</output_format_decimal_trailing_zeros>
      <max_execution_time>30</max_execution_time>
      <max_memory_usage>1000000000</max_memory_usage>
      <constraints>
        <allow_get_client_http_header><const/></allow_get_client_http_header>
        <max_execution_time><max>30</max></max_execution_time>
        <max_memory_usage><max>1000000000</max></max_memory_usage>
      </constraints>
    </reader>
  </profiles>
  <quotas><default/></quotas>
  <users>
    <!-- Runs the query that keeps the server alive, from inside; has no other right. -->
    <default>
      <password></password>
      <networks><ip>127.0.0.1</ip><ip>::1</ip></networks>
      <profile>default</profile>
      <grants><query>GRANT SYSTEM LISTEN ON *.*</query><query>GRANT SELECT ON system.numbers</query></grants>
    </default>
    <admin>
      ${passwordXml(passwords.admin)}
      <networks><ip>127.0.0.1</ip><ip>::1</ip></networks>
      <profile>default</profile>
      <access_management>1</access_management>
      <named_collection_control>1</named_collection_control>
${databasesXml(() => '1')}
    </admin>
${readerXml('tenant_reader', passwords.tenantReader, (filter) => filter)}
${readerXml('platform_reader', passwords.platformReader, () => '1')}
  </users>
</clickhouse>
`;
}

function readerXml(name: Reader, password: string, filter: (own: string) => string): string {
  return `    <${name}>
      ${passwordXml(password)}
      <networks><ip>127.0.0.1</ip><ip>::1</ip></networks>
      <profile>reader</profile>
      <grants>${readerGrants()
        .map((grant) => `<query>${grant}</query>`)
        .join('')}</grants>
${databasesXml(filter)}
    </${name}>`;
}

function databasesXml(filter: (own: string) => string): string {
  const databases = Object.entries(readableTables).map(([database, tables]) => {
    const list = Object.entries(tables).map(([table, own]) => `<${table}><filter>${filter(own)}</filter></${table}>`);
    return `<${database}>${list.join('')}</${database}>`;
  });
  return `      <databases>${databases.join('')}</databases>`;
}

function passwordXml(password: string): string {
  return `<password_sha256_hex>${createHash('sha256').update(password).digest('hex')}</password_sha256_hex>`;
}
