import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ApiEnv } from './context.ts';
import { matchedEndpoint } from './endpoint.ts';
import { firstNonJson } from './json-place.ts';
import { fieldPath, invalid, Problem } from './problem.ts';

export const MAX_BODY_BYTES = 1_048_576;

const countBytes = bodyLimit({ maxSize: MAX_BODY_BYTES, onError: () => Promise.reject(bodyTooLarge()) });

/**
 * Refuses bodies that are too large before they are read. Where the length is announced, and Node holds the client to it, nothing is
 * counted: counting takes a Request with a stream, which costs as much as all other checks together.
 */
export const limitBody: MiddlewareHandler<ApiEnv> = (c, next) => {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return next();
  const length = c.req.header('content-length');
  if (length === undefined || c.req.header('transfer-encoding') !== undefined) return countBytes(c, next);
  return Number(length) > MAX_BODY_BYTES ? Promise.reject(bodyTooLarge()) : next();
};

/**
 * Reads a JSON body before anything else looks at it: its media type, its size, its encoding, its syntax, and characters
 * that no store of ours can hold. Each failure is a problem that names the place.
 */
export const jsonBody: MiddlewareHandler<ApiEnv> = async (c, next) => {
  if (matchedEndpoint(c) === null || !['POST', 'PUT', 'PATCH'].includes(c.req.method)) return next();
  const contentType = c.req.header('content-type');
  // Nothing sent and nothing claimed: whether a body is needed is for the endpoint's schema to say.
  if (contentType === undefined && (await c.req.arrayBuffer()).byteLength === 0) return next();
  const mediaType = (contentType ?? '').split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') {
    throw new Problem('unsupported-media-type', 'Send the body as content-type: application/json.', {
      errors: [{ path: 'header content-type', message: 'must be application/json' }],
    });
  }
  const bytes = await c.req.arrayBuffer();
  if (bytes.byteLength > MAX_BODY_BYTES) throw bodyTooLarge();
  const text = decodeUtf8(bytes);
  rejectForeignCharacters(parseJson(text));
  // Handlers take the text from here; Hono would make a Response of the bytes and read that.
  c.req.bodyCache.text = Promise.resolve(text) as never;
  return next();
};

export function bodyTooLarge(): Problem {
  return new Problem('body-too-large', `The request body may have at most ${MAX_BODY_BYTES} bytes.`, {
    errors: [{ path: 'body', message: `at most ${MAX_BODY_BYTES} bytes` }],
    // The rest of the body is not read, so the connection can't carry another request.
    headers: { connection: 'close' },
  });
}

function decodeUtf8(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw malformed('The body is not UTF-8.', cause);
  }
}

function parseJson(text: string): unknown {
  if (text.trim() === '') throw malformed('The body is empty: send a JSON object.');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw malformed(`The body is not JSON: ${placeOf(text)}.`, cause);
  }
}

/** "an unexpected character at line 3, column 7". */
function placeOf(text: string): string {
  const offset = firstNonJson(text) ?? text.length;
  const before = text.slice(0, offset);
  const what = offset >= text.length ? 'it ends too early' : 'an unexpected character';
  return `${what} at line ${before.split('\n').length}, column ${offset - before.lastIndexOf('\n')}`;
}

/** Throws a problem that names the place, below `at`, of characters no store holds. Without recursion: nesting is the client's choice. */
export function rejectForeignCharacters(body: unknown, at: readonly PropertyKey[] = []): void {
  const open: { value: unknown; path: PropertyKey[] }[] = [{ value: body, path: [...at] }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, path } = next;
    if (typeof value === 'string' && isForeign(value)) throw foreign(path);
    if (typeof value !== 'object' || value === null) continue;
    // Deeper than any request of ours: the schema refuses it anyway, and paths would grow without end.
    if (path.length > 32) throw malformed('The body is nested more than 32 levels deep.');
    const entries = Array.isArray(value) ? value.map((item, i) => [i, item] as const) : Object.entries(value);
    for (const [key, item] of entries) {
      if (typeof key === 'string' && isForeign(key)) throw foreign([...path, JSON.stringify(key)]);
      open.push({ value: item, path: [...path, key] });
    }
  }
}

/** NUL, which Postgres can't store, or half of a surrogate pair, which is no character. */
function isForeign(text: string): boolean {
  return text.includes('\0') || /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text);
}

function foreign(path: PropertyKey[]): Problem {
  return invalid({ path: fieldPath(path), message: 'contains a NUL byte or an unpaired surrogate' });
}

function malformed(detail: string, cause?: unknown): Problem {
  return new Problem('malformed-request', detail, { cause, errors: [{ path: 'body', message: detail }] });
}
