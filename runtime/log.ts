import { destination, type Logger, pino } from 'pino';

export type Log = Logger;

/** A structured log on stderr (stdout is for data). Connection strings and secrets must never be handed to it. */
export function createLog(name: string, level = 'info'): Log {
  return pino(
    { name, level, base: { name }, timestamp: pino.stdTimeFunctions.isoTime },
    destination({ fd: 2, sync: true }),
  );
}
