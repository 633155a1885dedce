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
  const key = c.req.header('idempotency-key');
  if (key === undefined) return work();
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) throw invalid({ path: HEADER, message: '1 to 255 visible ASCII characters' });
  const request_hash = await requestHash(c);
  const now = new Date();
  const mine = await trx
    .insertInto('idempotency_keys')
    .values({ tenant_id: tenantId, key, request_hash })
    .onConflict((conflict) =>
      conflict
        .columns(['tenant_id', 'key'])
        .doUpdateSet({ request_hash, answer_status: null, answer_headers: null, answer_body: null, created_at: now })
        .where('idempotency_keys.created_at', '<', new Date(now.getTime() - KEEP_MS)),
    )
    .returning('key')
    .executeTakeFirst();
  if (mine === undefined) return earlierAnswer<T>(trx, tenantId, key, request_hash);
  const answer = await work();
  await trx
    .updateTable('idempotency_keys')
    .set({
      answer_status: answer.status,
      answer_headers: JSON.stringify(answer.headers ?? {}),
      answer_body: JSON.stringify(answer.body),
    })
    .where('tenant_id', '=', tenantId)
    .where('key', '=', key)
    .execute();
  return answer;
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
): Promise<Created<T>> {
  const stored = await trx
    .selectFrom('idempotency_keys')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('key', '=', key)
    .executeTakeFirstOrThrow();
  if (stored.request_hash !== requestHashNow) {
    throw new Problem('idempotency-key-reused', 'Another request was sent with this Idempotency-Key: use a new one.', {
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
