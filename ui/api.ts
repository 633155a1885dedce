// The public API as the dashboards use it: cookies, problems, one refresh when the session's short token has run out.
import { isLooking, lookingAt } from './looking-at.ts';

/** An answer that is no success, as the API describes it (RFC 9457). */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  /** `urn:uco:problem:…`, or `network` when there was no answer. */
  readonly type: string;
  readonly requestId: string | null;
  /** What is wrong with which field. */
  readonly errors: readonly { readonly path: string; readonly message: string }[];

  constructor(
    status: number,
    type: string,
    detail: string,
    requestId: string | null,
    errors: ApiProblem['errors'] = [],
  ) {
    super(detail);
    this.status = status;
    this.type = type;
    this.requestId = requestId;
    this.errors = errors;
  }
}

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Asks the API and returns its answer. Throws ApiProblem; leads to sign-in when there is no session (any more). */
export async function api<T>(path: string, request: ApiRequest = {}): Promise<T> {
  const response = await send(path, request);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** An entity and the tag of its version, for `If-Match`. */
export interface Versioned<T> {
  readonly value: T;
  readonly etag: string;
}

/** Reads an entity with its tag. */
export async function readVersioned<T>(path: string): Promise<Versioned<T>> {
  const response = await send(path);
  return { value: (await response.json()) as T, etag: response.headers.get('etag') ?? '' };
}

/** As `api`, for an answer that is read as it comes. */
export async function send(path: string, request: ApiRequest = {}): Promise<Response> {
  let response = await once(path, request);
  if (response.status === 401 && !path.includes('/auth/sign-in') && (await refresh()))
    response = await once(path, request);
  if (response.ok) return response;
  const problem = await problemOf(response);
  if (problem.status === 401 && !path.startsWith('/api/v1/auth/')) goToSignIn();
  throw problem;
}

async function once(path: string, { method = 'GET', body, headers, signal }: ApiRequest): Promise<Response> {
  if (lookingAt !== null && !isLooking(method, path))
    throw new ApiProblem(0, 'read-only', 'You only look at this brand: nothing can be changed from here.', null);
  try {
    return await fetch(path, {
      method,
      signal,
      headers: {
        ...(method === 'GET' ? {} : { 'x-uco-csrf': '1' }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(lookingAt === null ? {} : { 'x-tenant-id': lookingAt }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiProblem(0, 'network', 'There is no connection to the server.', null);
  }
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const requestId = response.headers.get('x-request-id');
  const document = (await response.json().catch(() => ({}))) as Partial<
    Pick<ApiProblem, 'type' | 'errors'> & { detail: string }
  >;
  const { type = '', detail = response.statusText, errors } = document;
  return new ApiProblem(response.status, type, detail, requestId, errors);
}

let refreshing: Promise<boolean> | null = null;

/**
 * Several requests may find the token expired at once: one of them refreshes for all. Resolves with whether there is a session
 * still; rejects with the problem that kept it from being known (no connection, too many requests), which ends no session.
 */
function refresh(): Promise<boolean> {
  refreshing ??= once('/api/v1/auth/refresh', { method: 'POST', body: {} })
    .then(async (response) => {
      if (response.ok) return true;
      if (response.status === 429 || response.status >= 500) throw await problemOf(response);
      return false;
    })
    .finally(() => {
      refreshing = null;
    });
  return refreshing;
}

export function goToSignIn(): void {
  const here = location.pathname + location.search;
  location.assign(`/?next=${encodeURIComponent(here)}`);
}
