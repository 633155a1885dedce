/** Codes of the system, and of Postgres that stops or starts. */
const codes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', '57P01', '57P02', '57P03']);

/** Whether an engine went away, or was not there: the instance stops, or starts it again. */
export function isLostConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  const isLost = codes.has(String(code)) || error.message.startsWith('Connection terminated');
  return isLost || isLostConnection(error.cause);
}
