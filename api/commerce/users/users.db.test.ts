// Who may manage whom: users, roles, API keys, brands, and the audit log that tells of it.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seededRights } from '../../auth/permissions.ts';
import { type Answer, type AuthTest, PASSWORD, startAuthTest } from '../../auth/testing.ts';

let t: AuthTest;
let people = 0;
/** Tokens of the two brands' administrators and of the platform's. */
let [atlas, borea, platform] = ['', '', ''];

beforeAll(async () => {
  t = await startAuthTest();
  atlas = await t.token('brand_admin', t.brands.atlas);
  borea = await t.token('brand_admin', t.brands.borea);
  platform = await t.token('platform_admin');
});

afterAll(async () => {
  await t?.stop();
});

const anEmail = () => `somebody-${++people}@example.org`;

async function eventually(ask: () => Promise<{ status: number }>, status: number): Promise<void> {
  await expect.poll(async () => (await ask()).status, { timeout: 20_000, interval: 100 }).toBe(status);
}

async function newUser(token: string, more: Record<string, unknown> = {}, headers: Record<string, string> = {}) {
  return t.call('users', { token, headers, body: { email: anEmail(), name: 'Somebody', role: 'operator', ...more } });
}

/** Reads a user and updates what was read. */
async function change(token: string, id: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const read = await t.call(`users/${id}`, { token, headers });
  const match = { 'if-match': read.headers.get('etag') ?? '"none"' };
  return t.call(`users/${id}`, { method: 'PATCH', token, body, headers: { ...headers, ...match } });
}

test('a user is created with a password shown once, signs in, is changed, disabled and back', async () => {
  const made = await newUser(atlas);
  expect(made.status).toBe(201);
  const { id, email, temporaryPassword, passwordExpiresAt } = made.body;
  expect(made.headers.get('location')).toBe(`/api/v1/users/${id}`);
  expect(new Date(passwordExpiresAt).getTime()).toBeGreaterThan(Date.now() + 6 * 86_400_000);
  const signIn = (password: string) => t.call('auth/sign-in', { body: { email, password, tenant: 'atlas' } });
  expect((await signIn(temporaryPassword)).body.passwordExpiresAt).toBe(`${passwordExpiresAt.slice(0, 23)}Z`);
  const read = await t.call(`users/${id}`, { token: atlas });
  expect(read.text).not.toContain(temporaryPassword);
  expect(read.text).not.toContain('argon2');

  expect((await t.call(`users/${id}`, { method: 'PATCH', token: atlas, body: { name: 'X' } })).status).toBe(428);
  expect((await change(atlas, id, { name: 'New Name', role: 'analyst' })).body).toMatchObject({
    name: 'New Name',
    role: 'analyst',
  });
  const stale = { 'if-match': read.headers.get('etag') ?? '' };
  expect(
    (await t.call(`users/${id}`, { method: 'PATCH', token: atlas, body: { name: 'Y' }, headers: stale })).status,
  ).toBe(412);

  expect((await change(atlas, id, { status: 'disabled' })).status).toBe(200);
  expect((await signIn(temporaryPassword)).status).toBe(401);
  expect((await change(atlas, id, { status: 'active' })).status).toBe(200);
  const reset = await t.call(`users/${id}/reset-password`, { method: 'POST', token: atlas });
  expect((await signIn(temporaryPassword)).status).toBe(401);
  expect((await signIn(reset.body.temporaryPassword)).status).toBe(200);
  // Red when a generated password works for ever.
  await t.admin.query("UPDATE commerce.users SET password_expires_at = now() - interval '1 second' WHERE id = $1", [
    id,
  ]);
  expect((await signIn(reset.body.temporaryPassword)).status).toBe(401);
});

test('an e-mail is taken within its brand only', async () => {
  const email = anEmail();
  expect((await newUser(atlas, { email })).status).toBe(201);
  expect(await newUser(atlas, { email: email.toUpperCase() })).toMatchObject({
    status: 409,
    body: { errors: [{ path: 'email' }] },
  });
  expect((await newUser(borea, { email })).status).toBe(201);
});

// Red when the answer that is kept for repetitions holds the password.
test('a repeated request makes no second user and shows no password again', async () => {
  const [key, email] = [randomUUID(), anEmail()];
  const first = await newUser(atlas, { email }, { 'idempotency-key': key });
  const again = await newUser(atlas, { email }, { 'idempotency-key': key });
  const { temporaryPassword, ...user } = first.body;
  expect([again.status, again.body]).toEqual([201, user]);
  const made = await t.call('api-keys', {
    token: atlas,
    body: { name: 'Shop', permissions: ['commerce.read'] },
    headers: { 'idempotency-key': `${key}-2` },
  });
  const { rows } = await t.admin.query<{ text: string }>(
    "SELECT string_agg(k::text, ' ') AS text FROM commerce.idempotency_keys k",
  );
  expect(rows[0]?.text).toContain(email);
  expect(rows[0]?.text).not.toContain(temporaryPassword);
  expect(rows[0]?.text).not.toContain(made.body.key);
});

test('nobody gives, or takes from, a role that may more than their own', async () => {
  for (const role of ['platform_admin', 'executive']) expect((await newUser(atlas, { role })).status).toBe(400);
  expect((await newUser(platform, { role: 'brand_admin' })).status).toBe(400);
  // A brand_manager who may manage users, but not all that a brand_admin may.
  await t.admin.query(
    "INSERT INTO commerce.role_permissions VALUES ('brand_manager', 'users.read'), ('brand_manager', 'users.manage')",
  );
  let token = '';
  try {
    const email = anEmail();
    await t.user(email, 'brand_manager', t.brands.atlas.id);
    const chief = await t.user(anEmail(), 'brand_admin', t.brands.atlas.id);
    await t.user(anEmail(), 'brand_admin', t.brands.atlas.id);
    token = (await t.signIn(email)).accessToken;
    await eventually(() => t.call('users', { token }), 200);
    expect((await newUser(token, { role: 'operator' })).status).toBe(201);
    expect((await newUser(token, { role: 'brand_admin' })).status).toBe(403);
    expect((await change(token, chief, { status: 'disabled' })).status).toBe(403);
    expect((await t.call(`users/${chief}/reset-password`, { method: 'POST', token: token })).status).toBe(403);
  } finally {
    await t.admin.query(
      "DELETE FROM commerce.role_permissions WHERE role_id = 'brand_manager' AND permission_id LIKE 'users.%'",
    );
  }
  await eventually(() => t.call('users', { token }), 403);
});

test('a brand manages its own; the platform its own and any brand that it names', async () => {
  const own = (await newUser(atlas)).body;
  const foreign = (await newUser(borea)).body;
  const ofPlatform = (await newUser(platform, { role: 'executive' })).body;
  for (const id of [foreign.id, ofPlatform.id, randomUUID()]) {
    expect((await t.call(`users/${id}`, { token: atlas })).status).toBe(404);
    expect((await t.call(`users/${id}/reset-password`, { method: 'POST', token: atlas })).status).toBe(404);
    const patch = { method: 'PATCH', token: atlas, body: { status: 'disabled' }, headers: { 'if-match': '*' } };
    expect((await t.call(`users/${id}`, patch)).status).toBe(404);
  }
  const emails = async (token: string, headers = {}) =>
    (await t.call('users?limit=200', { token, headers })).body.items.map(({ email }: { email: string }) => email);
  expect(await emails(atlas)).toContain(own.email);
  expect(await emails(atlas)).not.toContain(foreign.email);
  expect(await emails(platform)).toEqual([ofPlatform.email]);
  expect(await emails(platform, { 'x-tenant-id': 'borea' })).toContain(foreign.email);
  expect((await t.call('users', { token: atlas, headers: { 'x-tenant-id': 'borea' } })).status).toBe(403);
  expect((await t.call(`users/${own.id}`, { token: platform })).status).toBe(404);
  expect((await change(platform, own.id, { role: 'brand_admin' }, { 'x-tenant-id': 'atlas' })).status).toBe(200);
  for (const role of ['brand_manager', 'operator', 'analyst'] as const) {
    expect((await t.call('users', { token: await t.token(role, t.brands.atlas) })).status).toBe(403);
  }
});

test('pages of users follow each other', async () => {
  const { rows } = await t.admin.query<{ id: string }>(
    'SELECT id FROM commerce.users WHERE tenant_id = $1 ORDER BY id DESC',
    [t.brands.atlas.id],
  );
  const seen: string[] = [];
  let next = 'users?limit=2';
  while (next !== '') {
    const { items, nextCursor } = (await t.call(next, { token: atlas })).body;
    seen.push(...items.map(({ id }: { id: string }) => id));
    next = nextCursor === null ? '' : `users?limit=2&cursor=${nextCursor}`;
    if (nextCursor !== null) expect((await t.call(next, { token: borea })).status).toBe(400);
  }
  expect(seen).toEqual(rows.map(({ id }) => id));
});

// Red when the count of administrators is read without locking them: then both of two demotions go through.
test.each([
  ['a brand', 'brand_admin', 'operator'],
  ['the platform', 'platform_admin', 'executive'],
] as const)('the last administrator of %s stays', async (_, role, lower) => {
  const brand = role === 'brand_admin' ? t.brands.borea : null;
  const token = brand === null ? platform : borea;
  const where = brand === null ? 'tenant_id IS NULL' : `tenant_id = '${brand.id}'`;
  await t.admin.query(`UPDATE commerce.users SET role = $1 WHERE role = $2 AND ${where}`, [lower, role]);
  const two = [await t.user(anEmail(), role, brand?.id ?? null), await t.user(anEmail(), role, brand?.id ?? null)];
  // Both are held up until both are under way.
  await t.admin.query('BEGIN');
  await t.admin.query('SELECT FROM commerce.users WHERE id = ANY ($1) FOR UPDATE', [two]);
  const demotions = Promise.all(two.map((id) => change(token, id, { role: lower })));
  const waiting = async () => (await t.admin.query('SELECT FROM pg_locks WHERE NOT granted')).rowCount;
  await expect.poll(waiting, { timeout: 20_000, interval: 50 }).toBeGreaterThanOrEqual(2);
  await t.admin.query('COMMIT');
  const statuses = (await demotions).map(({ status }) => status);
  expect(statuses.sort()).toEqual([200, 409]);
  const { rows } = await t.admin.query<{ id: string }>(`SELECT id FROM commerce.users WHERE role = $1 AND ${where}`, [
    role,
  ]);
  expect(rows).toHaveLength(1);
  expect((await change(token, rows[0]?.id ?? '', { status: 'disabled' })).status).toBe(409);
  expect((await change(token, rows[0]?.id ?? '', { name: 'Still here' })).status).toBe(200);
});

test('roles are listed with what they may do', async () => {
  const { items } = (await t.call('roles', { token: atlas })).body;
  expect(items.map(({ id }: { id: string }) => id)).toEqual(['analyst', 'brand_admin', 'brand_manager', 'operator']);
  expect(items[3].permissions).toEqual([...seededRights.operator].sort());
  expect((await t.call('roles', { token: platform })).body.items).toHaveLength(6);
});

test('an API key does what it may in its brand, and nothing once it is revoked or expired', async () => {
  const create = (body: Record<string, unknown>, token = atlas) =>
    t.call('api-keys', { token, body: { name: 'Shop', ...body } });
  const made = await create({ permissions: ['audit.read', 'commerce.read'] });
  const { key, ...shown } = made.body;
  expect(key).toMatch(/^uco_[\w-]{43}$/);
  expect(shown).toMatchObject({ name: 'Shop', prefix: key.slice(0, 10), revokedAt: null, lastUsedAt: null });
  expect((await t.call('auth/me', { token: key })).body).toMatchObject({
    role: 'api_key',
    permissions: ['audit.read', 'commerce.read'],
    user: null,
    brand: { slug: 'atlas' },
  });
  expect((await t.call('audit-logs', { token: key })).status).toBe(200);
  expect((await t.call('audit-logs', { token: key, headers: { 'x-tenant-id': 'borea' } })).status).toBe(403);
  expect((await t.call('users', { token: key })).status).toBe(403);
  const listed = await t.call('api-keys', { token: atlas });
  expect(listed.body.items[0]).toMatchObject({ id: shown.id, lastUsedAt: expect.any(String) });
  expect(listed.text).not.toContain(key);
  const { rows } = await t.admin.query<{ text: string }>(
    'SELECT k::text AS text FROM commerce.api_keys k WHERE id = $1',
    [shown.id],
  );
  expect(rows[0]?.text).not.toContain(key);

  // Nobody gives what they don't have, and a key makes no users.
  expect((await create({ permissions: ['contacts.read'] }, platform)).status).toBe(400);
  const asPlatform = {
    token: platform,
    body: { name: 'x', permissions: ['contacts.read'] },
    headers: { 'x-tenant-id': 'atlas' },
  };
  expect(await t.call('api-keys', asPlatform)).toMatchObject({
    status: 400,
    body: { errors: [{ path: 'permissions[0]' }] },
  });
  for (const permissions of [['users.manage'], ['tenants.manage'], [], ['root']])
    expect((await create({ permissions })).status).toBe(400);
  expect((await create({ permissions: ['commerce.read'], expiresAt: '2020-01-01T00:00:00Z' })).status).toBe(400);

  expect((await t.call(`api-keys/${shown.id}/revoke`, { method: 'POST', token: borea })).status).toBe(404);
  expect((await t.call('api-keys', { token: borea })).body.items).toEqual([]);
  expect((await t.call(`api-keys/${shown.id}/revoke`, { method: 'POST', token: atlas })).body.revokedAt).not.toBeNull();
  await eventually(() => t.call('auth/me', { token: key }), 401);

  const brief = (await create({ permissions: ['commerce.read'] })).body;
  expect((await t.call('auth/me', { token: brief.key })).status).toBe(200);
  await t.admin.query('UPDATE commerce.api_keys SET expires_at = now() WHERE id = $1', [brief.id]);
  await eventually(() => t.call('auth/me', { token: brief.key }), 401);
  for (const token of [`uco_${'A'.repeat(43)}`, key.slice(0, -1)])
    expect((await t.call('auth/me', { token })).status).toBe(401);
});

test('that a key is used is recorded at most once a minute, and is no change of it', async () => {
  const { key, id } = (await t.call('api-keys', { token: atlas, body: { name: 'k', permissions: ['commerce.read'] } }))
    .body;
  const usedAt = async () =>
    (await t.admin.query<{ at: string }>('SELECT last_used_at::text AS at FROM commerce.api_keys WHERE id = $1', [id]))
      .rows[0]?.at;
  const entries = async () =>
    (await t.admin.query('SELECT FROM commerce.audit_logs WHERE resource_id = $1', [id])).rowCount;
  await t.call('auth/me', { token: key });
  const first = await usedAt();
  await new Promise((done) => setTimeout(done, 1_100));
  await t.call('auth/me', { token: key });
  expect(await usedAt()).toBe(first);
  await t.admin.query("UPDATE commerce.api_keys SET last_used_at = now() - interval '61 seconds' WHERE id = $1", [id]);
  await expect
    .poll(
      async () => {
        await t.call('auth/me', { token: key });
        return (
          await t.admin.query(
            "SELECT FROM commerce.api_keys WHERE id = $1 AND last_used_at > now() - interval '50 seconds'",
            [id],
          )
        ).rowCount;
      },
      { timeout: 20_000 },
    )
    .toBe(1);
  expect(await entries()).toBe(1);
});

test('the platform creates brands with their first administrator, changes, suspends and activates them', async () => {
  const body = {
    slug: 'nova',
    name: 'Nova',
    currency: 'EUR',
    timezone: 'Europe/Paris',
    admin: { email: anEmail(), name: 'Nova Admin' },
  };
  const made = await t.call('tenants', { token: platform, body });
  expect(made).toMatchObject({ status: 201, body: { slug: 'nova', status: 'active', admin: { role: 'brand_admin' } } });
  const { id, admin } = made.body;
  const { accessToken } = (
    await t.call('auth/sign-in', { body: { email: admin.email, password: admin.temporaryPassword } })
  ).body;
  const current = await t.call('tenants/current', { token: accessToken });
  expect(current.body).toMatchObject({ id, slug: 'nova' });
  expect(await t.call('tenants', { token: platform, body })).toMatchObject({
    status: 409,
    body: { errors: [{ path: 'slug' }] },
  });
  expect(
    (await t.call('tenants', { token: platform, body: { ...body, slug: 'x', timezone: 'europe/paris' } })).status,
  ).toBe(400);
  // Nothing of a brand whose administrator can't be made.
  expect(
    (await t.call('tenants', { token: platform, body: { ...body, slug: 'y', admin: { email: 'no', name: 'x' } } }))
      .status,
  ).toBe(400);
  const patch = { method: 'PATCH', token: platform, body: { name: 'Nova SA', allowNegativeStock: true } };
  expect((await t.call(`tenants/${id}`, patch)).status).toBe(428);
  const match = { 'if-match': current.headers.get('etag') ?? '' };
  expect((await t.call(`tenants/${id}`, { ...patch, headers: match })).body).toMatchObject({
    name: 'Nova SA',
    allowNegativeStock: true,
  });
  expect((await t.call(`tenants/${id}`, { ...patch, headers: match })).status).toBe(412);

  const { key } = (
    await t.call('api-keys', { token: accessToken, body: { name: 'k', permissions: ['commerce.read'] } })
  ).body;
  expect((await t.call(`tenants/${id}/suspend`, { method: 'POST', token: platform })).body.status).toBe('suspended');
  await eventually(() => t.call('tenants/current', { token: accessToken }), 401);
  await eventually(() => t.call('auth/me', { token: key }), 401);
  expect((await t.call('tenants?status=suspended', { token: platform })).body.items).toMatchObject([{ slug: 'nova' }]);
  expect((await t.call(`tenants/${id}/activate`, { method: 'POST', token: platform })).body.status).toBe('active');
  await eventually(() => t.call('tenants/current', { token: accessToken }), 200);

  for (const path of ['tenants', `tenants/${t.brands.atlas.id}`])
    expect((await t.call(path, { token: atlas })).status).toBe(403);
  expect((await t.call(`tenants/${t.brands.atlas.id}/suspend`, { method: 'POST', token: atlas })).status).toBe(403);
  expect((await t.call(`tenants/${randomUUID()}/suspend`, { method: 'POST', token: platform })).status).toBe(404);
});

test('the audit log tells who did what, to each brand its own', async () => {
  const email = anEmail();
  const actorId = await t.user(email, 'brand_admin', t.brands.atlas.id);
  const { accessToken: token } = await t.signIn(email);
  const { id } = (await newUser(token, { role: 'operator' })).body;
  await change(token, id, { role: 'analyst' });
  const read = async (query: string, who = token) => (await t.call(`audit-logs?${query}`, { token: who })).body;
  const { items } = await read(`resourceType=users&resourceId=${id}`);
  expect(items).toMatchObject([
    {
      action: 'UPDATE',
      actorId,
      tenantId: t.brands.atlas.id,
      oldValues: { role: 'operator' },
      newValues: { columns: ['role'], role: 'analyst' },
    },
    { action: 'CREATE', actorId, newValues: { role: 'operator', status: 'active' } },
  ]);
  expect((await read(`actorId=${actorId}&action=SIGN_IN`)).items).toHaveLength(1);
  const [newest, oldest] = items;
  expect((await read(`resourceId=${id}&from=${newest.createdAt}`)).items).toEqual([newest]);
  expect((await read(`resourceId=${id}&to=${newest.createdAt}`)).items).toEqual([oldest]);
  const first = await read(`resourceId=${id}&limit=1`);
  expect((await read(`resourceId=${id}&limit=1&cursor=${first.nextCursor}`)).items).toEqual([oldest]);
  expect((await t.call(`audit-logs?cursor=${first.nextCursor}`, { token: borea })).status).toBe(400);

  expect((await read(`resourceId=${id}`, borea)).items).toEqual([]);
  const everything = (await read('limit=200', borea)).items as { tenantId: string }[];
  expect(new Set(everything.map(({ tenantId }) => tenantId))).toEqual(new Set([t.brands.borea.id]));
  expect((await read(`resourceId=${id}`, platform)).items).toHaveLength(2);
  const all = (await read('limit=200', platform)).items as { tenantId: string | null; id: string }[];
  expect(new Set(all.map(({ tenantId }) => tenantId)).size).toBeGreaterThanOrEqual(2);
  expect(all.map((entry) => entry.id)).toEqual(
    all
      .map((entry) => entry.id)
      .sort()
      .reverse(),
  );
  const operator = { token: await t.token('operator', t.brands.atlas) };
  for (let i = 0; i < 3; i++) expect((await t.call('audit-logs', operator)).status).toBe(403);
  const refused = await read('action=ACCESS_REFUSED');
  const details = refused.items.map(({ newValues }: { newValues: unknown }) => newValues);
  const mine = { endpoint: 'GET /api/v1/audit-logs', permission: 'audit.read' };
  expect(details.filter((one: unknown) => JSON.stringify(one) === JSON.stringify(mine))).toEqual([mine]);
  const { rows } = await t.admin.query<{ text: string }>(
    "SELECT string_agg(concat(old_values, new_values), ' ') AS text FROM commerce.audit_logs WHERE resource_type IN ('users', 'api_keys')",
  );
  for (const secret of ['@example.org', 'Somebody', 'argon2id', 'uco_', PASSWORD])
    expect(rows[0]?.text).not.toContain(secret);
});
