import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { EngineExit, EngineOutput } from './engine.ts';

const keptLines = 20;

/** Follows a child's stderr line by line and resolves when it has ended (or could not be started). */
export function watchChild(child: ChildProcess, onLine?: EngineOutput): Promise<EngineExit> {
  const last: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      last.push(line);
      if (last.length > keptLines) last.shift();
      onLine?.(line);
    });
  }
  return new Promise((done) => {
    child.once('error', (error) => done({ code: null, signal: null, lastWords: error.message }));
    // "close" rather than "exit": the last words have been read by then. A grandchild may hold the pipe open, so not for ever.
    child.once('exit', (code, signal) => {
      const finish = () => done({ code, signal, lastWords: last.join('\n') });
      child.once('close', finish);
      setTimeout(finish, 200);
    });
  });
}

/** Sends `signal`, and SIGKILL when the child is still there after `timeoutMs`. */
export async function endChild(
  child: ChildProcess,
  exited: Promise<unknown>,
  signal: NodeJS.Signals,
  timeoutMs: number,
): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  await exited;
  clearTimeout(timer);
}

/** Sends `signal` when `abort` fires while the child is starting; call the result once it has started. */
export function endOnAbort(child: ChildProcess, abort: AbortSignal | undefined, signal: NodeJS.Signals): () => void {
  const end = () => child.kill(signal);
  if (abort?.aborted) end();
  abort?.addEventListener('abort', end, { once: true });
  return () => abort?.removeEventListener('abort', end);
}
