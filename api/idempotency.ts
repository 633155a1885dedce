import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import type { CommerceTransaction } from './commerce/database.ts';
import { invalid, Problem } from './problem.ts';

const KEEP_MS = 24 * 3_600_000;
const HEADER = 'header idempotency-key';

/** Under which brand the platform's own keys stand. */
export const PLATFORM_TENANT = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** What a creating endpoint answers. */
export interface Created<T = unknown> {
  readonly status: 200 | 201;
  readonly body: T;
  /** `location`, `etag`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request with an `Idempotency-Key`. */
export interface KeyedRequest {
  readonly key: string;
  /** Of method, path and body. */
  readonly hash: string;
}

/** Null for a request without the header. */
export async function keyedRequest(c: Context): Promise<KeyedRequest | null> {
  const key = c.req.header('idempotency-key');
  if (key === undefined) return null;
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) throw invalid({ path: HEADER, message: '1 to 255 visible ASCII characters' });
  return { key, hash: await requestHash(c) };
}

/**
 * Runs `work`, or gives the answer again that the same request (method, path, body) with the same `Idempotency-Key` got within 24
 * hours. Answer and work share the transaction; a second request that comes meanwhile waits for the first. A refused request
 * leaves nothing and may be sent again with its key. Throws `idempotency-key-reused` when the key belongs to another request.
 */
export async function idempotently<T>(
  c: Context,
  trx: CommerceTransaction,
  tenantId: string,
  work: () => Promise<Created<T>>,
): Promise<Created<T>> {
  const request = await keyedRequest(c);
  if (request === null) return work();
  const earlier = (await takeKeys<T>(trx, tenantId, [request])).get(request.key);
  if (earlier instanceof Problem) throw earlier;
  if (earlier !== undefined) return earlier;
  const answer = await work();
  await keepAnswers(trx, tenantId, new Map([[request, answer]]));
  return answer;
}

/**
 * Takes the keys of requests, all different, until the end of the transaction. Returns the answers of those that were answered before,
 * or the problem that a key belongs to another request, by key; the work of all others is to be done.
 */
export async function takeKeys<T>(
  trx: CommerceTransaction,
  tenantId: string,
  requests: readonly KeyedRequest[],
): Promise<Map<string, Created<T> | Problem>> {
  const earlier = new Map<string, Created<T> | Problem>();
  if (requests.length === 0) return earlier;
  const now = new Date();
  // In one order, so that two who take several do not wait for each other in a circle.
  const inOrder = [...requests].sort((a, b) => (a.key < b.key ? -1 : 1));
  const taken = await trx
    .insertInto('idempotency_keys')
    .values(inOrder.map(({ key, hash }) => ({ tenant_id: tenantId, key, request_hash: hash })))
    .onConflict((conflict) =>
      conflict
        .columns(['tenant_id', 'key'])
        .doUpdateSet((eb) => ({
          request_hash: eb.ref('excluded.request_hash'),
          answer_status: null,
          answer_headers: null,
          answer_body: null,
          created_at: now,
        }))
        .where('idempotency_keys.created_at', '<', new Date(now.getTime() - KEEP_MS)),
    )
    .returning('key')
    .execute();
  const mine = new Set(taken.map(({ key }) => key));
  for (const { key, hash } of inOrder) {
    if (!mine.has(key)) earlier.set(key, await earlierAnswer<T>(trx, tenantId, key, hash));
  }
  return earlier;
}

/** Keeps the answers of requests whose keys were taken in this transaction; null stands for a refusal, which frees its key. */
export async function keepAnswers(
  trx: CommerceTransaction,
  tenantId: string,
  answers: ReadonlyMap<KeyedRequest, Created | null>,
): Promise<void> {
  const kept = [...answers].flatMap(([request, answer]) => (answer === null ? [] : [{ request, answer }]));
  if (kept.length > 0) {
    const rows = kept.map(({ request, answer }) => ({
      tenant_id: tenantId,
      key: request.key,
      request_hash: request.hash,
      answer_status: answer.status,
      answer_headers: JSON.stringify(answer.headers ?? {}),
      answer_body: JSON.stringify(answer.body),
    }));
    await trx
      .insertInto('idempotency_keys')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['tenant_id', 'key']).doUpdateSet((eb) => ({
          answer_status: eb.ref('excluded.answer_status'),
          answer_headers: eb.ref('excluded.answer_headers'),
          answer_body: eb.ref('excluded.answer_body'),
        })),
      )
      .execute();
  }
  const refused = [...answers].flatMap(([request, answer]) => (answer === null ? [request.key] : []));
  if (refused.length === 0) return;
  await trx.deleteFrom('idempotency_keys').where('tenant_id', '=', tenantId).where('key', 'in', refused).execute();
}

/** Forgets answers that are no longer promised; returns how many. */
export async function sweepIdempotencyKeys(trx: CommerceTransaction): Promise<number> {
  const before = new Date(Date.now() - KEEP_MS);
  const result = await trx.deleteFrom('idempotency_keys').where('created_at', '<', before).executeTakeFirst();
  return Number(result.numDeletedRows);
}

async function earlierAnswer<T>(
  trx: CommerceTransaction,
  tenantId: string,
  key: string,
  requestHashNow: string,
): Promise<Created<T> | Problem> {
  const stored = await trx
    .selectFrom('idempotency_keys')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('key', '=', key)
    .executeTakeFirstOrThrow();
  if (stored.request_hash !== requestHashNow) {
    return new Problem('idempotency-key-reused', 'Another request was sent with this Idempotency-Key: use a new one.', {
      errors: [{ path: HEADER, message: 'belongs to another request' }],
    });
  }
  const headers = (stored.answer_headers ?? {}) as Record<string, string>;
  return {
    status: stored.answer_status === 200 ? 200 : 201,
    body: JSON.parse(stored.answer_body ?? 'null') as T,
    headers: { ...headers, 'idempotent-replayed': 'true' },
  };
}

async function requestHash(c: Context): Promise<string> {
  const url = new URL(c.req.url);
  const hash = createHash('sha256').update(`${c.req.method} ${url.pathname}${url.search}\n`);
  return hash.update(new Uint8Array(await c.req.arrayBuffer())).digest('hex');
}
