import { createHash } from 'node:crypto';
import { type Problem, problemTypes, problemTypeUri } from '../../problem.ts';
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

/** `key` names the question: the same figures of another question are another result. */
export function figuresResult(key: string, answer: KpiAnswer): LiveResult {
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

export function problemResult(key: string, problem: Problem, asOf: AsOf): LiveResult {
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
