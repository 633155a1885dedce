import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Registry } from 'prom-client';
import type { Actor, CommerceDatabase } from '../commerce/database.ts';
import { actorOf } from '../commerce/scope.ts';
import { type ApiEnv, identityOf } from '../context.ts';
import { Problem } from '../problem.ts';
import { problemResponses } from '../problem-schema.ts';
import { accountById } from './accounts.ts';
import { writeAudit } from './audit.ts';
import { clearTokenCookies, refreshCookie, refuseCrossSite, setTokenCookies } from './cookies.ts';
import { newPasswordSchema, PasswordCheck } from './password.ts';
import { permissionIds } from './permissions.ts';
import { refresh } from './refresh.ts';
import { roleNames } from './roles.ts';
import { endSession, IDLE_MS, type OpenSession } from './sessions.ts';
import { changePassword, signIn } from './sign-in.ts';
import { RefreshLimits, refreshLimits, SignInLimits } from './sign-in-limits.ts';
import { mintToken } from './token.ts';

const ACCESS_SECONDS = 15 * 60;

const json = <T extends z.ZodType>(schema: T) => ({ 'application/json': { schema } });
const security: Record<string, string[]>[] = [{ bearer: [] }, { cookie: [] }];
const tags = ['Sign-in'];

const asCookies = z.boolean().default(false).openapi({
  description: 'For browsers: the tokens come as httpOnly cookies and not in the answer.',
});

const tokensSchema = z
  .object({
    tokenType: z.literal('Bearer'),
    accessToken: z.string().optional().openapi({ description: 'For `Authorization: Bearer …`. Absent with cookies.' }),
    refreshToken: z.string().optional().openapi({ description: 'Good for one refresh. Absent with cookies.' }),
    expiresIn: z.int().openapi({ description: 'Seconds for which the access token holds.' }),
    passwordExpiresAt: z.iso.datetime().nullable().openapi({
      description: 'The password was generated and stops working then: have it changed. Null for one that was chosen.',
    }),
  })
  .openapi('Tokens');

const signInRoute = createRoute({
  method: 'post',
  path: '/api/v1/auth/sign-in',
  operationId: 'signIn',
  tags,
  summary: 'Sign in with e-mail and password',
  description:
    'An e-mail is unique within a brand. Without `tenant` the password decides whose account it is; who has the same password in ' +
    'several brands, or works in more than three, names the brand. After 10 failures for an e-mail, or 100 from an address, within ' +
    '15 minutes the answer is 429. With `cookie`, send `x-uco-csrf: 1` here and with everything that is not a GET.',
  request: {
    body: {
      required: true,
      content: json(
        z.strictObject({
          email: z.string().min(1).max(254).openapi({ example: 'ada@acme.example' }),
          password: z.string().min(1).max(128),
          tenant: z.string().min(1).max(63).optional().openapi({ description: 'Slug of the brand.', example: 'acme' }),
          cookie: asCookies,
        }),
      ),
    },
  },
  responses: {
    200: { description: 'Signed in.', content: json(tokensSchema) },
    ...problemResponses(400, 401, 403, 413, 415, 429, 503),
  },
});

const refreshRoute = createRoute({
  method: 'post',
  path: '/api/v1/auth/refresh',
  operationId: 'refreshSession',
  tags,
  summary: 'Exchange a refresh token for new tokens',
  description:
    'Each refresh token is good for one exchange; for 10 seconds after it the same successor is given once more. A later second use ' +
    'ends the session. A session ends after 7 days without a refresh, and after 30 days in any case. After ' +
    `${refreshLimits.perSession} refreshes of a session, or ${refreshLimits.perAddress} attempts without success from an address, within 15 minutes the answer is 429.`,
  request: {
    body: {
      required: true,
      content: json(
        z.strictObject({
          refreshToken: z.string().min(1).max(100).optional().openapi({
            description: 'Left out by browsers, which send the cookie.',
          }),
        }),
      ),
    },
  },
  responses: {
    200: { description: 'The session goes on.', content: json(tokensSchema) },
    ...problemResponses(400, 401, 403, 413, 415, 429, 503),
  },
});

const signOutRoute = createRoute({
  method: 'post',
  path: '/api/v1/auth/sign-out',
  operationId: 'signOut',
  tags,
  summary: 'End the session',
  security,
  responses: { 204: { description: 'It is over; cookies are cleared.' }, ...problemResponses(401, 403, 503) },
});

const passwordRoute = createRoute({
  method: 'post',
  path: '/api/v1/auth/password',
  operationId: 'changePassword',
  tags,
  summary: 'Change your password',
  description: 'Ends all your sessions and begins a new one, whose tokens are the answer (or cookies, as you came).',
  security,
  request: {
    body: {
      required: true,
      content: json(z.strictObject({ currentPassword: z.string().min(1).max(128), newPassword: newPasswordSchema })),
    },
  },
  responses: {
    200: { description: 'Changed.', content: json(tokensSchema) },
    ...problemResponses(400, 401, 403, 413, 415, 429, 503),
  },
});

const meSchema = z
  .object({
    role: z.enum([...roleNames, 'api_key']),
    permissions: z.array(z.enum(permissionIds)),
    user: z.object({ id: z.uuid(), email: z.string(), name: z.string() }).nullable().openapi({
      description: 'Null for an API key and for a token of the command line.',
    }),
    brand: z.object({ id: z.uuid(), slug: z.string(), name: z.string() }).nullable().openapi({
      description: 'Null for platform roles, which see all brands.',
    }),
    passwordExpiresAt: z.iso.datetime().nullable(),
  })
  .openapi('Me');

const meRoute = createRoute({
  method: 'get',
  path: '/api/v1/auth/me',
  operationId: 'getMe',
  tags,
  summary: 'Who you are and what you may do',
  security,
  responses: { 200: { description: 'You.', content: json(meSchema) }, ...problemResponses(401, 403, 503) },
});

export interface AuthDependencies {
  readonly secret: Uint8Array | string;
  readonly commerce?: () => CommerceDatabase | null;
  readonly registry: Registry;
}

/** Sign-in, sessions and passwords. */
export function addAuth(app: OpenAPIHono<ApiEnv>, { secret, commerce, registry }: AuthDependencies) {
  app.openAPIRegistry.registerComponent('securitySchemes', 'cookie', {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-uco_access',
    description: 'Set by sign-in with `cookie: true`; `uco_access` over plain http.',
  });
  const guards = { limits: new SignInLimits(), passwords: new PasswordCheck(registry) };
  const refreshing = new RefreshLimits();
  const database = () => commerceOf(commerce);

  const answer = async (c: Context<ApiEnv>, session: OpenSession, cookie: boolean) => {
    const { account, sessionId, refreshToken } = session;
    const accessToken = await mintToken({
      role: account.role,
      secret,
      subject: account.id,
      session: sessionId,
      ttl: `${ACCESS_SECONDS}s`,
      ...(account.tenant_id === null ? {} : { tenant: account.tenant_id }),
    });
    if (cookie) {
      const seconds = { accessSeconds: ACCESS_SECONDS, refreshSeconds: IDLE_MS / 1000 };
      setTokenCookies(c, { accessToken, refreshToken, ...seconds });
    }
    c.header('cache-control', 'no-store');
    return {
      tokenType: 'Bearer' as const,
      ...(cookie ? {} : { accessToken, refreshToken }),
      expiresIn: ACCESS_SECONDS,
      passwordExpiresAt: account.password_expires_at?.toISOString() ?? null,
    };
  };

  return app
    .openapi(signInRoute, async (c) => {
      const { cookie, ...credentials } = c.req.valid('json');
      if (cookie) refuseCrossSite(c);
      const session = await signIn(database(), guards, credentials, strangerOf(c));
      return c.json(await answer(c, session, cookie), 200);
    })
    .openapi(refreshRoute, async (c) => {
      const given = c.req.valid('json').refreshToken;
      const cookie = given === undefined ? refreshCookie(c) : undefined;
      if (cookie !== undefined) refuseCrossSite(c);
      const token = given ?? cookie;
      const session =
        token === undefined ? null : await refresh(database(), refreshing, { token, secret }, strangerOf(c));
      if (session === null) {
        throw new Problem('unauthenticated', 'The session has ended: sign in again.', {
          headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
        });
      }
      return c.json(await answer(c, session, cookie !== undefined), 200);
    })
    .openapi(signOutRoute, async (c) => {
      const { sessionId, tenantId } = identityOf(c);
      const actor = actorOf(c);
      if (sessionId !== undefined) {
        await database().asPlatform(actor, async (trx) => {
          if (!(await endSession(trx, sessionId))) return;
          await writeAudit(trx, actor, {
            action: 'SIGN_OUT',
            tenantId,
            resourceType: 'sessions',
            resourceId: sessionId,
          });
        });
      }
      clearTokenCookies(c);
      return c.body(null, 204);
    })
    .openapi(passwordRoute, async (c) => {
      const { subject, sessionId } = identityOf(c);
      if (sessionId === undefined) throw new Problem('forbidden', 'Only somebody who signed in has a password.');
      const actor = { ...actorOf(c), userId: subject };
      const session = await changePassword(database(), guards, c.req.valid('json'), actor);
      return c.json(await answer(c, session, c.req.header('authorization') === undefined), 200);
    })
    .openapi(meRoute, async (c) => {
      const { subject, role, tenantId, sessionId } = identityOf(c);
      const { account, brand } = await database().asPlatform({}, async (trx) => ({
        account: sessionId === undefined ? undefined : await accountById(trx, subject),
        brand:
          tenantId === null
            ? undefined
            : await trx
                .selectFrom('tenants')
                .select(['id', 'slug', 'name'])
                .where('id', '=', tenantId)
                .executeTakeFirst(),
      }));
      c.header('cache-control', 'no-store');
      return c.json(
        {
          role,
          permissions: [...c.get('permissions')].sort(),
          user: account ? { id: account.id, email: account.email, name: account.name } : null,
          brand: brand ?? null,
          passwordExpiresAt: account?.password_expires_at?.toISOString() ?? null,
        },
        200,
      );
    });
}

/** The commerce database, or a 503 problem while it is not up. */
function commerceOf(commerce: (() => CommerceDatabase | null) | undefined): CommerceDatabase {
  const database = commerce?.() ?? null;
  if (database !== null) return database;
  throw new Problem('unavailable', 'The commerce database is starting.', { headers: { 'retry-after': '2' } });
}

/** Who is asking before we know who it is. */
function strangerOf(c: Context<ApiEnv>): Actor {
  return { ip: c.get('address'), userAgent: c.req.header('user-agent') };
}
