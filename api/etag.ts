import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import { Problem } from './problem.ts';

/** The strong entity tag of an answer: a digest of what is shown, so equal tags mean equal content. */
export function etagOf(body: unknown): string {
  return `"${createHash('sha256').update(JSON.stringify(body)).digest('base64url').slice(0, 27)}"`;
}

/**
 * Refuses an update of anything but the version the client read (`If-Match`, RFC 9110). `current` is the entity as it would be
 * shown to this client now, read under a lock (`FOR UPDATE`) in the transaction that is going to change it.
 */
export function requireMatch(c: Context, current: unknown): void {
  const wanted = c.req.header('if-match');
  if (wanted === undefined) {
    throw new Problem('precondition-required', 'Send the ETag of what you read: If-Match: "…".', {
      errors: [{ path: 'header if-match', message: 'is required' }],
    });
  }
  const tags = wanted.split(',').map((tag) => tag.trim());
  if (tags.includes('*') || tags.includes(etagOf(current))) return;
  throw new Problem('precondition-failed', 'Somebody changed it since you read it: read it again, then decide.', {
    errors: [{ path: 'header if-match', message: 'is not the tag of the current version' }],
  });
}
