import { readFileSync } from 'node:fs';

const MS_PER_TICK = 10;

export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** CPU so far, milliseconds. */
  readonly ms: number;
  /** That of children that have ended. */
  readonly endedMs: number;
}

/** What Linux says of a process; null where it says nothing, or there is no such process. */
export function processStat(pid: number): ProcessStat | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number) as number[];
    const ms = (first: number) => ((fields[first] ?? 0) + (fields[first + 1] ?? 0)) * MS_PER_TICK;
    return { pid, parent: fields[1] as number, ms: ms(11), endedMs: ms(13) };
  } catch {
    return null;
  }
}
