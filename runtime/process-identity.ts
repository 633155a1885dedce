// Which process a number means: pids are reused, so a pid alone proves nothing.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A text that no other process with this pid ever has; null when there is no such process (zombies don't count). */
export function processIdentity(pid: number): string | null {
  try {
    if (process.platform === 'linux') {
      // The name in parentheses may hold blanks: fields are counted behind it. State is field 3, start time field 22.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      if (fields[0] === 'Z' || fields[0] === 'X') return null;
      return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${fields[19]}`;
    }
    return (
      execFileSync('ps', ['-p', String(pid), '-o', 'lstart='], { stdio: 'pipe' })
        .toString()
        .trim() || null
    );
  } catch {
    return null;
  }
}

/** The command line of a process, arguments joined by blanks; null when there is no such process. */
export function commandLine(pid: number): string | null {
  try {
    if (process.platform === 'linux')
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || null;
    return (
      execFileSync('ps', ['-p', String(pid), '-o', 'command='], { stdio: 'pipe' })
        .toString()
        .trim() || null
    );
  } catch {
    return null;
  }
}
