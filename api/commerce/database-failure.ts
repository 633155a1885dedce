import { CONNECTION_FAILURES } from '../connection-failure.ts';
import { Problem } from '../problem.ts';

/**
 * SQLSTATEs, and classes of them (two characters), by which Postgres says that it can't now rather than that what it was asked is wrong:
 * https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
const AWAY = [
  // Connections: broken, or not had.
  '08',
  // Out of connections, memory or disk.
  '53',
  // Shut down, restarting, or a backend that was ended.
  '57P',
  // A session that idled in its transaction for too long.
  '25P03',
];
const TOOK_TOO_LONG = ['57014', '55P03'];
/** SERIALIZATION_FAILURE, DEADLOCK_DETECTED. */
const ENDED_FOR_ANOTHER = new Set(['40001', '40P01']);

/** What pg and its pool say without a code: no connection came free in time, or the one in use broke. */
const WITHOUT_CODE =
  /^(timeout exceeded when trying to connect$|Connection terminated|Client (has encountered|was closed))/;

const codeOf = (error: unknown) => String((error as { code?: unknown } | null)?.code ?? '');

/** Whether Postgres ended a transaction for the sake of another one: it may well succeed when it is run again. */
export const wasEndedForAnother = (error: unknown): boolean => ENDED_FOR_ANOTHER.has(codeOf(error));

/**
 * The problem of a request that failed because Postgres was away, overloaded or busy with others, which may be sent again; null for any
 * other failure. What was asked is not at fault, and nothing of it is committed unless the connection broke at the very commit.
 */
export function databaseFailure(cause: unknown): Problem | null {
  if (!(cause instanceof Error)) return null;
  if (wasEndedForAnother(cause)) {
    return new Problem('conflict', 'Others are changing the same at this moment: send it again.', { cause });
  }
  const code = codeOf(cause);
  const is = (beginnings: readonly string[]) => beginnings.some((beginning) => code.startsWith(beginning));
  if (is(TOOK_TOO_LONG))
    return unavailable('The database took too long: it is busy, or others hold what this needs.', 5);
  if (is(AWAY) || CONNECTION_FAILURES.has(code) || (code === '' && WITHOUT_CODE.test(cause.message))) {
    return unavailable('The commerce database has no connection to spare, or is restarting.', 2);
  }
  return null;

  function unavailable(detail: string, seconds: number): Problem {
    return new Problem('unavailable', detail, { cause, headers: { 'retry-after': String(seconds) } });
  }
}
