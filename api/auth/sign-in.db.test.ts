import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { endpointPermissions, permissionIds, rightsOf, seededRights } from './permissions.ts';
import { newRefreshToken } from './refresh-token.ts';
import { refreshLimits, signInLimits } from './sign-in-limits.ts';
import { type AuthTest, PASSWORD, startAuthTest } from './testing.ts';
import { mintToken } from './token.ts';

let t: AuthTest;
let people = 0;

beforeAll(async () => {
  t = await startAuthTest();
});

afterAll(async () => {
  await t?.stop();
});

let email: string;
let userId: string;

/** Each test has somebody of its own in brand atlas. */
beforeEach(async () => {
  email = `person-${++people}@atlas.example`;
  userId = await t.user(email, 'brand_manager', t.brands.atlas.id);
});

interface Entry {
  readonly action: string;
  readonly tenant_id: string;
  readonly actor_id: string | null;
  readonly new_values: Record<string, unknown> | null;
}

async function trail(resourceId: string | null, action?: string): Promise<Entry[]> {
  const { rows } = await t.admin.query<Entry>(
    `SELECT action, tenant_id, actor_id, new_values FROM commerce.audit_logs
     WHERE resource_id IS NOT DISTINCT FROM $1 AND ($2::text IS NULL OR action = $2) ORDER BY id`,
    [resourceId, action ?? null],
  );
  return rows;
}

const me = (token: string) => t.call('auth/me', { token });
const refresh = (refreshToken: string) => t.call('auth/refresh', { body: { refreshToken } });
const attempt = (body: Record<string, unknown>) => t.call('auth/sign-in', { body });

async function checks(): Promise<number> {
  const metric = await t.registry.getSingleMetric('uco_api_password_checks_total')?.get();
  return metric?.values[0]?.value ?? 0;
}

/** Waits until a request is answered with a status: what was known for a second is then known no more. */
async function eventually(ask: () => Promise<{ status: number }>, status: number): Promise<void> {
  await expect.poll(async () => (await ask()).status, { timeout: 20_000, interval: 100 }).toBe(status);
}

test('somebody signs in, and is known with their brand and rights', async () => {
  const answer = await attempt({ email: email.toUpperCase(), password: PASSWORD, tenant: 'atlas' });
  expect(answer.body).toEqual({
    tokenType: 'Bearer',
    accessToken: expect.any(String),
    refreshToken: expect.stringMatching(/^uco_rt_[\w-]{43}$/),
    expiresIn: 900,
    passwordExpiresAt: null,
  });
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect((await me(answer.body.accessToken)).body).toEqual({
    role: 'brand_manager',
    permissions: [...seededRights.brand_manager].sort(),
    user: { id: userId, email, name: `Name of ${email}` },
    brand: { id: t.brands.atlas.id, slug: 'atlas', name: 'atlas' },
    passwordExpiresAt: null,
  });
  expect(await trail(userId, 'SIGN_IN')).toMatchObject([{ tenant_id: t.brands.atlas.id, actor_id: userId }]);
});

test('tokens of the command line work as before, and name nobody', async () => {
  const token = await mintToken({ role: 'executive', secret: 'the signing key of a test, 32 bytes long' });
  expect((await me(token)).body).toMatchObject({
    role: 'executive',
    user: null,
    brand: null,
    permissions: ['analytics.read', 'audit.read', 'commerce.read', 'platform.read', 'users.read'],
  });
  expect((await t.call('auth/password', { token, body: { currentPassword: 'x', newPassword: PASSWORD } })).status).toBe(
    403,
  );
});

// Red when an unknown e-mail is refused before a hash is computed, or with words of its own.
test('whatever is wrong, the answer and its cost are the same', async () => {
  await t.user(`disabled-${email}`, 'analyst', t.brands.atlas.id);
  await t.admin.query("UPDATE commerce.users SET status = 'disabled' WHERE email = $1", [`disabled-${email}`]);
  const answers: unknown[] = [];
  const costs: number[] = [];
  for (const body of [
    { email, password: 'wrong password' },
    { email: `nobody-${email}`, password: PASSWORD },
    { email: `disabled-${email}`, password: PASSWORD },
    { email, password: 'wrong password', tenant: 'atlas' },
    { email, password: PASSWORD, tenant: 'borea' },
    { email, password: PASSWORD, tenant: 'no-such-brand' },
    { email: `nobody-${email}`, password: PASSWORD, tenant: 'atlas' },
  ]) {
    const before = await checks();
    const { status, body: problem, headers } = await attempt(body);
    answers.push([status, { ...problem, requestId: '' }, headers.get('www-authenticate')]);
    costs.push((await checks()) - before);
  }
  expect(answers.map((answer) => JSON.stringify(answer))).toEqual(Array(7).fill(JSON.stringify(answers[0])));
  expect(answers[0]).toMatchObject([401, { type: 'urn:uco:problem:unauthenticated' }, 'Bearer']);
  expect(costs).toEqual([3, 3, 3, 1, 1, 1, 1]);
  const refused = await trail(userId, 'SIGN_IN_REFUSED');
  expect(refused.map((entry) => entry.new_values)).toEqual([
    { reason: 'wrong password' },
    { reason: 'wrong password' },
  ]);
  expect(await trail(null, 'SIGN_IN_REFUSED')).toContainEqual({
    action: 'SIGN_IN_REFUSED',
    tenant_id: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
    actor_id: null,
    new_values: { reason: 'unknown user' },
  });
});

// Red when an account found in one brand only makes a difference to an account found in two.
test('somebody of several brands: the password decides, and each brand learns of its own only', async () => {
  const other = await t.user(email, 'analyst', t.brands.borea.id);
  expect(await attempt({ email, password: PASSWORD })).toMatchObject({
    status: 400,
    body: { errors: [{ path: 'tenant' }] },
  });
  expect((await me((await t.signIn(email, { tenant: 'borea' })).accessToken)).body.user.id).toBe(other);
  const token = (await t.signIn(email, { tenant: 'borea' })).accessToken;
  const newPassword = 'another password for borea';
  expect((await t.call('auth/password', { token, body: { currentPassword: PASSWORD, newPassword } })).status).toBe(200);
  expect((await me((await t.signIn(email)).accessToken)).body.user.id).toBe(userId);
  const borea = await attempt({ email, password: newPassword });
  expect((await me(borea.body.accessToken)).body.user.id).toBe(other);
  await attempt({ email, password: 'neither of them' });
  for (const [id, tenant_id] of [
    [userId, t.brands.atlas.id],
    [other, t.brands.borea.id],
  ] as const) {
    expect(await trail(id, 'SIGN_IN_REFUSED')).toMatchObject([{ tenant_id, new_values: { reason: 'wrong password' } }]);
  }
});

// Red when attempts are counted after the password was looked at, or per spelling of the e-mail.
test('guessing is stopped, for the account whoever guesses, also many at once', async () => {
  const guesses = Array.from({ length: signInLimits.perAccount + 5 }, (_, i) =>
    attempt({
      email: i % 2 ? email : email.toUpperCase(),
      password: `guess ${i}`,
      ...(i % 3 ? { tenant: 'atlas' } : {}),
    }),
  );
  const statuses = (await Promise.all(guesses)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(signInLimits.perAccount);
  const limited = await attempt({ email, password: PASSWORD });
  expect(limited.status).toBe(429);
  const seconds = Number(limited.headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(900);
  expect(limited.headers.get('ratelimit-limit')).toBe(String(signInLimits.perAccount));
  expect(limited.headers.get('ratelimit-remaining')).toBe('0');
  expect(limited.headers.get('ratelimit')).toBe(`"sign-in-account";r=0;t=${seconds}`);
  expect(await trail(userId, 'SIGN_IN_LIMITED')).toHaveLength(1);
});

test('success forgives what was mistyped before', async () => {
  for (let i = 0; i < signInLimits.perAccount + 2; i++) {
    if (i % 5 === 4) await t.signIn(email, { tenant: 'atlas' });
    else expect((await attempt({ email, password: 'mistyped', tenant: 'atlas' })).status).toBe(401);
  }
});

describe('a session', () => {
  test('goes on by refreshing, each token leading to the next', async () => {
    let { refreshToken } = await t.signIn(email);
    const seen = new Set([refreshToken]);
    for (let i = 0; i < 3; i++) {
      const next = await refresh(refreshToken);
      expect((await me(next.body.accessToken)).body.user.id).toBe(userId);
      refreshToken = next.body.refreshToken;
      seen.add(refreshToken);
    }
    expect(seen.size).toBe(4);
    const { rows } = await t.admin.query<{ text: string }>(
      'SELECT (SELECT string_agg(r::text, ) FROM auth.refresh_tokens r) AS text'.replace('text, )', "text, ' ')"),
    );
    for (const token of seen) expect(rows[0]?.text).not.toContain(token);
  });

  // Red when reuse refuses the one token but leaves the session, or is forgotten after two steps.
  test('ends when a token is used twice, for thief and owner alike, and that is on record', async () => {
    for (const steps of [1, 3]) {
      const first = await t.signIn(email);
      let last = first;
      for (let i = 0; i < steps; i++) last = (await refresh(last.refreshToken)).body;
      await t.admin.query("UPDATE auth.refresh_tokens SET used_at = used_at - interval '11 seconds'");
      expect((await refresh(first.refreshToken)).status).toBe(401);
      expect((await refresh(last.refreshToken)).status).toBe(401);
      await eventually(() => me(last.accessToken), 401);
      const session = JSON.parse(atob(last.accessToken.split('.')[1] ?? '')).sid as string;
      expect(await trail(session, 'TOKEN_REUSE')).toMatchObject([
        { tenant_id: t.brands.atlas.id, new_values: { user_id: userId } },
      ]);
    }
  });

  // Red without the grace, or when it makes a second successor: then one tab's next refresh ends the session.
  test('survives two tabs that refresh at the same time', async () => {
    const { refreshToken } = await t.signIn(email);
    const tabs = await Promise.all([refresh(refreshToken), refresh(refreshToken), refresh(refreshToken)]);
    expect(tabs.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(tabs.map(({ body }) => body.refreshToken)).size).toBe(1);
    expect((await refresh(tabs[0]?.body.refreshToken)).status).toBe(200);
    // The grace is for the immediate predecessor: once its successor is used, it is reuse.
    expect((await refresh(refreshToken)).status).toBe(401);
  });

  test('ends by signing out, and only that one', async () => {
    const [one, other] = [await t.signIn(email), await t.signIn(email)];
    expect((await t.call('auth/sign-out', { method: 'POST', token: one.accessToken })).status).toBe(204);
    expect((await refresh(one.refreshToken)).status).toBe(401);
    await eventually(() => me(one.accessToken), 401);
    expect((await me(other.accessToken)).status).toBe(200);
    expect((await refresh(other.refreshToken)).status).toBe(200);
  });

  // Red when a change of password leaves other sessions alone.
  test('ends with the password, but for the one that changed it', async () => {
    const [thief, owner] = [await t.signIn(email), await t.signIn(email)];
    const change = (body: Record<string, unknown>) => t.call('auth/password', { token: owner.accessToken, body });
    expect(await change({ currentPassword: 'wrong', newPassword: 'a new long password' })).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'currentPassword' }] },
    });
    expect((await change({ currentPassword: PASSWORD, newPassword: 'short' })).status).toBe(400);
    const changed = await change({ currentPassword: PASSWORD, newPassword: 'a new long password' });
    expect((await me(changed.body.accessToken)).status).toBe(200);
    expect((await refresh(thief.refreshToken)).status).toBe(401);
    await eventually(() => me(thief.accessToken), 401);
    expect((await attempt({ email, password: PASSWORD, tenant: 'atlas' })).status).toBe(401);
    expect((await attempt({ email, password: 'a new long password', tenant: 'atlas' })).status).toBe(200);
    expect((await trail(userId)).map(({ action }) => action)).toContain('PASSWORD_REFUSED');
  });

  test.each([
    ['a disabled user', "UPDATE commerce.users SET status = 'disabled' WHERE email = $1"],
    ['a suspended brand', "UPDATE commerce.tenants SET status = 'suspended' WHERE slug = 'atlas' AND $1 <> ''"],
  ])('of %s stops working, and no new one begins', async (_, sql) => {
    const session = await t.signIn(email);
    await t.admin.query(sql, [email]);
    try {
      expect((await refresh(session.refreshToken)).status).toBe(401);
      await eventually(() => me(session.accessToken), 401);
      expect((await attempt({ email, password: PASSWORD })).status).toBe(401);
    } finally {
      await t.admin.query("UPDATE commerce.tenants SET status = 'active'");
    }
  });

  // Red when the role of the token counts rather than that of the user.
  test('has the role and the rights that the rows give it now', async () => {
    const { accessToken } = await t.signIn(email);
    expect((await me(accessToken)).body.permissions).toContain('catalog.write');
    await t.admin.query("UPDATE commerce.users SET role = 'operator' WHERE id = $1", [userId]);
    const permissions = async () => (await me(accessToken)).body.permissions;
    await expect.poll(permissions, { timeout: 20_000 }).toEqual([...seededRights.operator].sort());
    await t.admin.query(
      "DELETE FROM commerce.role_permissions WHERE (role_id, permission_id) = ('operator', 'orders.write')",
    );
    await expect.poll(permissions, { timeout: 20_000 }).not.toContain('orders.write');
    await t.admin.query("INSERT INTO commerce.role_permissions VALUES ('operator', 'orders.write')");
    expect(await trail(userId, 'UPDATE')).toMatchObject([{ new_values: { columns: ['role'], role: 'operator' } }]);
    expect((await trail(null)).map(({ action, new_values }) => [action, new_values])).toContainEqual([
      'CREATE',
      { role_id: 'operator', permission_id: 'orders.write' },
    ]);
  });

  // Red when a good token buys as many refreshes as one likes, or when the limit hides that a token was stolen.
  test('is refreshed so often and no more; an old token still ends it', async () => {
    const first = await t.signIn(email);
    let { refreshToken } = first;
    for (let i = 0; i < refreshLimits.perSession; i++) {
      const next = await refresh(refreshToken);
      expect(next.status).toBe(200);
      refreshToken = next.body.refreshToken;
    }
    const limited = [await refresh(refreshToken), await refresh(refreshToken)];
    expect(limited.map(({ status }) => status)).toEqual([429, 429]);
    expect(limited[0]?.headers.get('retry-after')).toBe(limited[0]?.headers.get('ratelimit-reset'));
    expect(limited[0]?.headers.get('ratelimit-policy')).toBe(`"refresh-session";q=${refreshLimits.perSession};w=900`);
    const session = JSON.parse(atob(first.accessToken.split('.')[1] ?? '')).sid as string;
    expect(await trail(session, 'SIGN_IN_LIMITED')).toMatchObject([
      { tenant_id: t.brands.atlas.id, new_values: { reason: 'too many refreshes' } },
    ]);
    expect((await refresh((await t.signIn(email)).refreshToken)).status).toBe(200);
    expect((await refresh(first.refreshToken)).status).toBe(401);
    expect(await trail(session, 'TOKEN_REUSE')).toHaveLength(1);
  });

  test('is not made by tokens of others', async () => {
    const other = await t.user(`other-${email}`, 'analyst', t.brands.borea.id);
    const { accessToken } = await t.signIn(email);
    const session = JSON.parse(atob(accessToken.split('.')[1] ?? '')).sid as string;
    const base = { role: 'brand_manager', tenant: t.brands.atlas.id, subject: userId, session } as const;
    const secret = 'the signing key of a test, 32 bytes long';
    for (const [status, token] of [
      [200, await mintToken({ ...base, secret })],
      [401, await mintToken({ ...base, secret: 'another key of at least 32 bytes in all' })],
      [401, await mintToken({ ...base, secret, subject: other })],
      [401, await mintToken({ ...base, secret, tenant: t.brands.borea.id })],
      [401, await mintToken({ ...base, secret, session: '0198c0de-0000-7000-8000-000000000001' })],
      [401, `${accessToken.slice(0, -3)}abc`],
    ] as const) {
      expect((await me(token)).status).toBe(status);
    }
    for (const token of [newRefreshToken(), 'x', accessToken, ''])
      expect((await refresh(token)).status).toBeOneOf([400, 401]);
  });
});

describe('an address', () => {
  const guess = (from: string, headers: Record<string, string> = {}) =>
    t.call('auth/refresh', { from, headers, body: { refreshToken: newRefreshToken() } });
  const proxied = (...addresses: string[]) => ({ 'x-forwarded-for': addresses.join(', ') });

  async function spend(from: string, headers?: (attempt: number) => Record<string, string>): Promise<void> {
    const guesses = Array.from({ length: refreshLimits.perAddress }, (_, i) => guess(from, headers?.(i)));
    expect(new Set((await Promise.all(guesses)).map(({ status }) => status))).toEqual(new Set([401]));
  }

  // Red when refreshes are not counted, or when good ones are.
  test('guesses so many refresh tokens and no more, and another one is not kept out', async () => {
    let { refreshToken } = await t.signIn(email);
    for (let i = 0; i < 3; i++) {
      const next = await t.call('auth/refresh', { from: '192.0.2.1', body: { refreshToken } });
      refreshToken = next.body.refreshToken;
    }
    await spend('192.0.2.1');
    expect((await guess('192.0.2.1')).status).toBe(429);
    expect((await t.call('auth/refresh', { from: '192.0.2.1', body: { refreshToken } })).status).toBe(429);
    expect((await t.call('auth/refresh', { from: '192.0.2.2', body: { refreshToken } })).status).toBe(200);
    expect(await trail(null, 'SIGN_IN_LIMITED')).toContainEqual(
      expect.objectContaining({ new_values: { reason: 'too many refreshes' } }),
    );
  });

  // Red when X-Forwarded-For is believed whoever sends it: each guess would then have a limit of its own.
  test('is the other end of the connection, whatever a client writes', async () => {
    await spend('198.51.100.7', (i) => proxied(`203.0.113.${i}`));
    expect((await guess('198.51.100.7', proxied('203.0.113.200'))).status).toBe(429);
    expect((await guess('203.0.113.0')).status).toBe(401);
  });

  // Red when all who come through a proxy share a limit, or when the first name in the header counts: the client writes that.
  test('is the one a trusted proxy names', async () => {
    await spend('10.0.0.1', (i) => proxied('spoofed', `203.0.113.${i}`, '2001:db8::5', '10.9.9.9'));
    expect((await guess('10.0.0.1', proxied('2001:db8::6', '10.9.9.9'))).status, 'of the same /64').toBe(429);
    expect((await guess('10.0.0.1', proxied('2001:db8:0:1::5', '10.9.9.9'))).status).toBe(401);
    const from = { from: '::ffff:10.0.0.1', headers: proxied('192.0.2.99', '203.0.113.77:4711') };
    await t.call('auth/sign-in', { body: { email, password: 'wrong', tenant: 'atlas' }, ...from });
    const { rows } = await t.admin.query<{ ip: string }>(
      `SELECT host(ip_address) AS ip FROM commerce.audit_logs WHERE resource_id = $1 AND action = 'SIGN_IN_REFUSED'`,
      [userId],
    );
    expect(rows).toEqual([{ ip: '203.0.113.77' }]);
  });
});

describe('a browser', () => {
  const own = { 'sec-fetch-site': 'same-origin', 'x-uco-csrf': '1' };
  const https = { 'x-forwarded-proto': 'https' };
  const cookiesOf = (headers: Headers) => headers.getSetCookie().map((line) => line.split(';')[0] ?? '');
  const body = () => ({ email, password: PASSWORD, cookie: true });

  test('keeps its tokens in cookies that no script and no other site can use', async () => {
    const answer = await t.call('auth/sign-in', { body: body(), headers: { ...own, ...https } });
    expect(answer.body).toEqual({ tokenType: 'Bearer', expiresIn: 900, passwordExpiresAt: null });
    const [access = '', refreshing = ''] = answer.headers.getSetCookie();
    expect(access).toMatch(/^__Host-uco_access=[\w.-]+; Max-Age=900; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    expect(refreshing).toMatch(
      /^__Secure-uco_refresh=uco_rt_[\w-]+; Max-Age=604800; Path=\/api\/v1\/auth; HttpOnly; Secure; SameSite=Strict$/,
    );
    const cookie = cookiesOf(answer.headers).join('; ');
    expect((await t.call('auth/me', { headers: { cookie, ...https } })).status).toBe(200);
    // A cookie without the prefix may have been set by a neighbour.
    expect((await t.call('auth/me', { headers: { cookie: cookie.replaceAll(/__\w+-/g, ''), ...https } })).status).toBe(
      401,
    );
    const next = await t.call('auth/refresh', { body: {}, headers: { cookie, ...own, ...https } });
    expect(next.headers.getSetCookie()).toHaveLength(2);
    const out = await t.call('auth/sign-out', { method: 'POST', headers: { cookie, ...own, ...https } });
    expect([out.status, ...out.headers.getSetCookie().map((line) => /Max-Age=(\d+)/.exec(line)?.[1])]).toEqual([
      204,
      '0',
      '0',
    ]);
  });

  test('over plain http gets cookies without Secure', async () => {
    const { headers } = await t.call('auth/sign-in', { body: body(), headers: own });
    expect(headers.getSetCookie().join()).toMatch(/^uco_access=.*,uco_refresh=/);
    expect(headers.getSetCookie().join()).not.toContain('Secure');
  });

  // Red when cookies alone are enough for a POST.
  test.each([
    ['another site', { 'sec-fetch-site': 'cross-site', 'x-uco-csrf': '1' }],
    ['another host of this site', { 'sec-fetch-site': 'same-site', 'x-uco-csrf': '1' }],
    ['a form of our own origin', { 'sec-fetch-site': 'same-origin' }],
    ['another origin, in an old browser', { origin: 'https://elsewhere.example', 'x-uco-csrf': '1' }],
    ['nobody knows where', { 'x-uco-csrf': '1' }],
  ])('sends nothing for %s', async (_, headers) => {
    const cookie = cookiesOf((await t.call('auth/sign-in', { body: body(), headers: own })).headers).join('; ');
    const calls = {
      'auth/sign-in': body(),
      'auth/refresh': {},
      'auth/password': { currentPassword: PASSWORD, newPassword: 'a new long password' },
      'auth/sign-out': {},
      'kpis/query': { measures: ['orders'], timeRange: 'today' },
    };
    for (const [path, content] of Object.entries(calls)) {
      const { status, headers: answered } = await t.call(path, { body: content, headers: { cookie, ...headers } });
      expect([path, status, answered.getSetCookie()]).toEqual([path, 403, []]);
    }
    // An old browser, our own page.
    const origin = { cookie, origin: 'http://localhost', 'x-uco-csrf': '1' };
    expect((await t.call('auth/refresh', { body: {}, headers: origin })).status).toBe(200);
  });
});

test('the rights a database starts with are those the program starts with', async () => {
  const { rows } = await t.admin.query('SELECT role_id, permission_id FROM commerce.role_permissions');
  expect(rightsOf(rows)).toEqual(seededRights);
  const { rows: known } = await t.admin.query<{ id: string }>('SELECT id FROM commerce.permissions');
  expect(new Set(known.map(({ id }) => id))).toEqual(new Set(permissionIds));
});

test('of the API little is open to everybody', () => {
  const open = Object.keys(endpointPermissions).filter((endpoint) => endpointPermissions[endpoint] === 'public');
  expect(open.filter((endpoint) => endpoint.includes(' /api/')).sort()).toEqual([
    'POST /api/v1/auth/refresh',
    'POST /api/v1/auth/sign-in',
  ]);
});

// Red when a value of somebody's is written to a replicated column or a log.
test('neither audit entries nor log lines hold e-mails, passwords or tokens', async () => {
  const { accessToken, refreshToken } = await t.signIn(email);
  await attempt({ email, password: 'my secret guess' });
  const { rows } = await t.admin.query<{ text: string }>(
    `SELECT string_agg(concat(resource_type, action, old_values, new_values), ' ') AS text FROM commerce.audit_logs`,
  );
  const text = `${rows[0]?.text} ${t.logged()}`;
  expect(t.logged()).toContain('/api/v1/auth/sign-in');
  for (const secret of [
    '@atlas.example',
    'Name of',
    PASSWORD,
    'my secret guess',
    accessToken,
    refreshToken,
    '$argon2id',
  ]) {
    expect(text).not.toContain(secret);
  }
});
