import { createHash } from 'node:crypto';
import { Problem, problemTypes, problemTypeUri } from '../../problem.ts';
import type { AsOf } from '../as-of.ts';
import type { KpiAnswer } from '../query.ts';

/** What a query has come to: figures, or why there are none. Made once for all who ask. */
export interface LiveResult {
  readonly event: 'figures' | 'problem';
  /** The members of the event's data, but for `query`: JSON text without its opening brace. */
  readonly members: string;
  /** Equal when a client who has the one does not need the other; `asOf` is left out. */
  readonly digest: string;
  readonly asOf: AsOf;
  /** Whose midnight the figures turn at. */
  readonly zone: string;
  readonly problem: Problem | null;
}

/** An answer is sent to many, and kept: a dashboard's is a few kB. */
const MOST_BYTES = 256 * 1_024;

/** `key` names the question: the same figures of another question are another result. `asOf` is for when there are none. */
export function resultOf(key: string, outcome: PromiseSettledResult<KpiAnswer>, asOf: AsOf): LiveResult {
  if (outcome.status === 'rejected') {
    const { reason } = outcome;
    return problemResult(key, reason instanceof Problem ? reason : unexpected(reason), asOf);
  }
  const result = figuresResult(key, outcome.value);
  return result.members.length > MOST_BYTES ? problemResult(key, tooLarge(), asOf) : result;
}

function figuresResult(key: string, answer: KpiAnswer): LiveResult {
  const { asOf, ...figures } = answer;
  const text = JSON.stringify(figures);
  return {
    event: 'figures',
    members: `"asOf":${JSON.stringify(asOf)},${text.slice(1)}`,
    digest: digestOf(key, text),
    asOf,
    zone: answer.timezone,
    problem: null,
  };
}

function problemResult(key: string, problem: Problem, asOf: AsOf): LiveResult {
  const { status, title } = problemTypes[problem.type];
  const { errors } = problem;
  const document = { type: problemTypeUri(problem.type), title, status, detail: problem.message };
  const text = JSON.stringify(errors.length > 0 ? { ...document, errors } : document);
  return { event: 'problem', members: text.slice(1), digest: digestOf(key, text), asOf, zone: 'UTC', problem };
}

/** 48 bits: it is compared with what the same client was given, nothing more. */
function digestOf(key: string, text: string): string {
  return createHash('sha256').update(key).update('\n').update(text).digest('base64url').slice(0, 8);
}

function tooLarge(): Problem {
  const message = `a live answer may have ${MOST_BYTES} bytes: take fewer dimensions, a coarser grain or a limit`;
  return new Problem('query-too-large', message, { errors: [{ path: 'dimensions', message }] });
}

function unexpected(cause: unknown): Problem {
  const isTimeout = cause instanceof Error && cause.name === 'TimeoutError';
  return isTimeout
    ? new Problem('unavailable', 'The query took too long; it is tried again.', { cause })
    : new Problem('internal', 'Something went wrong; it is tried again.', { cause });
}
