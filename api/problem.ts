// Errors as RFC 9457 problem documents. Code throws Problem; the server's one error boundary turns it into a response.
import type { z } from 'zod';

/** Every problem the API answers with: a stable name (the end of its `type`), its status and title. Never rename one. */
export const problemTypes = {
  'malformed-request': { status: 400, title: 'The request can not be read' },
  'invalid-request': { status: 400, title: 'The request is not valid' },
  unauthenticated: { status: 401, title: 'A valid access token is needed' },
  forbidden: { status: 403, title: 'This is not yours to see' },
  'not-found': { status: 404, title: 'There is nothing here' },
  'method-not-allowed': { status: 405, title: 'This endpoint does not know that method' },
  'body-too-large': { status: 413, title: 'The request body is too large' },
  'request-timeout': { status: 408, title: 'The request did not arrive in time' },
  'headers-too-large': { status: 431, title: 'The request headers are too large' },
  'unsupported-media-type': { status: 415, title: 'The request body must be JSON' },
  conflict: { status: 409, title: 'This contradicts what is already there' },
  'illegal-transition': { status: 409, title: 'The present state does not allow this step' },
  'insufficient-stock': { status: 409, title: 'There is not enough stock' },
  'precondition-failed': { status: 412, title: 'It has changed since you read it' },
  'idempotency-key-reused': { status: 422, title: 'The Idempotency-Key belongs to another request' },
  'precondition-required': { status: 428, title: 'Say which version you change' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'several-currencies': { status: 422, title: 'Several currencies are never added up' },
  'missing-exchange-rate': { status: 422, title: 'An exchange rate is missing' },
  unprocessable: { status: 422, title: 'What the request refers to does not allow it' },
  'query-too-large': { status: 422, title: 'The query asks for too much at once' },
  'client-closed-request': { status: 499, title: 'The client went away' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  unavailable: { status: 503, title: 'Not available right now' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemType = keyof typeof problemTypes;

/** What is wrong with one field. `path` leads to it: `measures[0]`, `timeRange.from`, `header x-tenant-id`. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** An answer that is not a success. `detail` is shown to the client: no secrets, nothing of other brands. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly type: ProblemType;
  readonly errors: readonly FieldError[];
  readonly headers: Readonly<Record<string, string>>;
  /** More members of the document, such as `legal` of an illegal transition. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(
    type: ProblemType,
    detail: string,
    options: {
      errors?: readonly FieldError[];
      headers?: Readonly<Record<string, string>>;
      members?: Readonly<Record<string, unknown>>;
      cause?: unknown;
    } = {},
  ) {
    super(detail, { cause: options.cause });
    this.type = type;
    this.errors = options.errors ?? [];
    this.headers = options.headers ?? {};
    this.members = options.members ?? {};
  }

  get status(): number {
    return problemTypes[this.type].status;
  }
}

/** A request of which these fields are wrong. */
export function invalid(...errors: FieldError[]): Problem {
  const [first] = errors;
  return new Problem('invalid-request', first ? `${first.path}: ${first.message}` : 'The request is not valid.', {
    errors,
  });
}

/** A request that is well-formed and refers to what is not there, or not fit for it. */
export function unprocessable(...errors: FieldError[]): Problem {
  const detail = errors.slice(0, 5).map(({ path, message }) => `${path}: ${message}`);
  return new Problem('unprocessable', detail.join('; '), { errors: errors.slice(0, 20) });
}

export function problemTypeUri(type: ProblemType): string {
  return `urn:uco:problem:${type}`;
}

/** The document of a problem, also for a result within an answer of many. */
export function problemDocument(problem: Problem, requestId: string) {
  const { status, title } = problemTypes[problem.type];
  return {
    type: problemTypeUri(problem.type),
    title,
    status,
    detail: problem.message,
    requestId,
    ...(problem.errors.length > 0 ? { errors: problem.errors } : {}),
    ...problem.members,
  };
}

/** The response for a problem. */
export function problemResponse(problem: Problem, requestId: string): Response {
  return new Response(JSON.stringify(problemDocument(problem, requestId)), {
    status: problem.status,
    headers: { 'content-type': 'application/problem+json', ...problem.headers },
  });
}

/** What a schema says is wrong, at most 20 fields. A field that is not known, or missing, is named itself, not the object it is (not) in. */
export function fieldErrors({ issues }: z.ZodError, at: readonly PropertyKey[] = []): FieldError[] {
  const errors = issues.flatMap((issue) => {
    const path = [...at, ...issue.path];
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ path: fieldPath([...path, key]), message: 'there is no such field' }));
    const isMissing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
    return { path: fieldPath(path), message: isMissing ? 'is required' : issue.message };
  });
  return errors.slice(0, 20);
}

/** `['filters', 0, 'values']` → `filters[0].values`; the empty path is the body itself. */
export function fieldPath(path: readonly PropertyKey[]): string {
  const text = path.reduce<string>(
    (left, key) => (typeof key === 'number' ? `${left}[${key}]` : left === '' ? String(key) : `${left}.${String(key)}`),
    '',
  );
  return text === '' ? 'body' : text;
}
