import type { Mutation } from './mutations.ts';

const check = 'verify/fuzz/isolation.db.test.ts';
const everything = 'A and strangers learn nothing';

/** The guards between brands, taken away one at a time. Which test notices stands in the suite. */
export const guards: readonly Mutation[] = [
  {
    name: 'the signature of an access token is not verified',
    file: 'api/auth/token.ts',
    search: 'const { payload } = await jwtVerify(token, key(secret), {',
    replace: `const payload = JSON.parse(String(Buffer.from(token.split('.')[1] ?? '', 'base64url')));
    Object.assign({}, {`,
    ...{ check, test: everything },
    says: /answered \d+ with /,
  },
  {
    name: "a brand's token works in the brand that x-tenant-id names",
    file: 'api/commerce/scope.ts',
    search: `    const tenant = await this.find(database, identity.tenantId);
    if (header !== undefined && header.toLowerCase() !== identity.tenantId && header !== tenant?.slug) {`,
    replace: `    const tenant = await this.find(database, header ?? identity.tenantId);
    if (header === '') {`,
    ...{ check, test: everything },
    says: /"x-tenant-id".*\nanswered \d+ with /,
  },
  {
    name: "a brand's token asks for the figures of the brand that x-tenant-id names",
    file: 'api/analytics/asker.ts',
    search: '  const isPlatform = isPlatformRole(identity.role);\n  const reader',
    replace: `  const isPlatform = isPlatformRole(identity.role);
  if (header !== undefined && identity.tenantId !== null) identity = { ...identity, tenantId: header };
  const reader`,
    ...{ check, test: everything },
    says: /api\/v1\/kpis.*\nanswered \d+ with /,
  },
  {
    name: 'row-level security admits every brand',
    file: 'sql/postgres/0003_row_level_security.sql',
    search: 'commerce.%I USING (tenant_id = %s) WITH CHECK (tenant_id = %s)',
    replace: 'commerce.%I USING (true OR tenant_id = %s) WITH CHECK (true OR tenant_id = %s)',
    ...{ check, test: everything },
    says: /answered \d+ with /,
  },
  {
    name: 'row-level security admits every brand to answers kept for Idempotency-Key',
    file: 'sql/postgres/0011_idempotency.sql',
    search: "  USING (tenant_id = nullif(current_setting('app.current_tenant_id', true), '')::uuid)\n  WITH CHECK",
    replace: '  USING (true)\n  WITH CHECK',
    ...{ check, test: "A's transactions" },
    says: /expected \{ idempotency_keys: \[ \{/,
  },
  {
    name: 'a brand may write rows of another',
    file: 'sql/postgres/0009_catalog.sql',
    search: 'WITH CHECK (tenant_id = %s)',
    replace: 'WITH CHECK (true OR tenant_id = %s)',
    ...{ check, test: "A's transactions" },
    // What stops it then is a foreign key.
    says: /expected \{ prices: '23503' \} to deeply equal \{ prices: '42501' \}/,
  },
  {
    name: 'a table behind a mart has no row policy',
    file: 'runtime/engines/clickhouse-users.ts',
    search: 'facts: { orders: ownTenant,',
    replace: "facts: { orders: '1',",
    ...{ check, test: 'A reads its own marts only' },
    says: /\+ +"orders [0-9a-f-]{36}"/,
  },
  {
    name: 'whom an API key speaks for is remembered without the key',
    file: 'api/auth/principals.ts',
    search: 'this.keys.get(hash, async',
    replace: "this.keys.get('', async",
    ...{ check, test: 'keys used at the same moment' },
    says: /answered \d+ with /,
  },
  {
    name: 'live figures are shared among brands',
    file: 'api/analytics/live/live-queries.ts',
    search: 'JSON.stringify([scope.isPlatform, scope.brandId, query])',
    replace: 'JSON.stringify([scope.isPlatform, query])',
    ...{ check, test: 'who watches the same as B' },
    says: /answered \d+ with /,
  },
  {
    name: 'answers asked for at the same moment are shared among brands',
    file: 'api/analytics/routes.ts',
    search: 'JSON.stringify([isPlatform, brand, asOf, query])',
    replace: 'JSON.stringify([isPlatform, brand && null, asOf, query])',
    ...{ check, test: 'who asks the same as B' },
    says: /answered \d+ with /,
  },
  {
    name: 'rows read for several brands go to each of them',
    file: 'api/analytics/tenant-clickhouse.ts',
    search: 'own.push(row);',
    replace: 'for (const all of brands.values()) all.push(row);',
    ...{ check, test: 'figures computed for A and B' },
    says: /answered \d+ with /,
  },
  {
    name: 'Idempotency-Key is not per brand',
    file: 'api/idempotency.ts',
    search: "  const key = c.req.header('idempotency-key');",
    replace: "  tenantId = PLATFORM_TENANT;\n  const key = c.req.header('idempotency-key');",
    ...{ check, test: "a key of B's is new to A" },
    says: /FAIL .*a key of B's is new to A/,
  },
];
