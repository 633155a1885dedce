import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Log } from '../runtime/log.ts';
import { methodsOf } from './auth/permissions.ts';
import { databaseFailure } from './commerce/database-failure.ts';
import type { ApiEnv } from './context.ts';
import { Problem, problemResponse } from './problem.ts';

/** The answer for a path, or a method of it, that does not exist. */
export function nothingHere(c: Context<ApiEnv>): Response {
  const methods = methodsOf(c.req.path);
  const problem =
    methods.length > 0
      ? new Problem('method-not-allowed', `This path answers to ${methods.join(', ')}.`, {
          headers: { allow: methods.join(', ') },
        })
      : new Problem('not-found', 'There is no such path; /docs lists all.');
  return problemResponse(problem, c.get('requestId'));
}

/** The one error boundary: whatever was thrown becomes a problem; what we did not expect is logged and told to nobody. */
export function failureHandler(log: Log) {
  return (error: unknown, c: Context<ApiEnv>): Response => {
    const problem = asProblem(error, c.get('signal'));
    const requestId = c.get('requestId');
    if (problem.status >= 500) log.error({ requestId, err: problem.cause ?? error }, problem.message);
    return problemResponse(problem, requestId);
  };
}

function asProblem(error: unknown, signal: AbortSignal | undefined): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof HTTPException && error.status < 500) {
    return new Problem('malformed-request', error.message, { cause: error });
  }
  if (signal?.aborted) {
    return signal.reason instanceof Error && signal.reason.name === 'TimeoutError'
      ? new Problem('unavailable', 'The request took too long and was cancelled.', { headers: { 'retry-after': '5' } })
      : new Problem('client-closed-request', 'The client closed the connection.');
  }
  const failure = databaseFailure(error);
  if (failure !== null) return failure;
  return new Problem('internal', 'Quote the request id when you report this.', { cause: error });
}
