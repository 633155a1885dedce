import { accessSync, chmodSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from './failure.ts';
import { takeLock } from './lock.ts';
import { type Run, removeRun, writeRun } from './run-file.ts';
import { openSecrets, type Secrets } from './secrets.ts';

export interface DataDir {
  readonly path: string;
  readonly secrets: Secrets;
  publish(run: Run): void;
  /** Takes back run.json and lets another instance in. */
  release(): void;
}

/** Creates or opens a data directory for this process alone. Throws a Failure when it can't be had. */
export function openDataDir(path: string): DataDir {
  create(path);
  try {
    const lock = takeLock(path);
    try {
      return {
        path,
        secrets: openSecrets(path),
        publish: (run) => writeRun(path, run),
        release: () => {
          removeRun(path);
          lock.release();
        },
      };
    } catch (error) {
      lock.release();
      throw error;
    }
  } catch (error) {
    throw explain(path, error);
  }
}

function create(path: string): void {
  try {
    makeFolder(path);
    if (!statSync(path).isDirectory()) throw Object.assign(new Error('not a directory'), { code: 'ENOTDIR' });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    // Started as root, Postgres runs as another user, who must get through to its folder below (and sees no more than that).
    if (process.getuid?.() === 0 && (statSync(path).mode & 0o001) === 0) chmodSync(path, statSync(path).mode | 0o011);
  } catch (error) {
    throw explain(path, error);
  }
}

/** As mkdir -p; Node's own recursion never ends where a folder can't be made for the reason ENOENT, as below /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  if (!existsSync(dirname(path))) makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

function explain(path: string, cause: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'ENOTDIR' || code === 'EEXIST') {
    return new Failure(`DATA_DIR ${path} is not a folder.`, 'Name a folder, or one that can be created.', { cause });
  }
  if (code === 'ENOENT' || code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new Failure(`DATA_DIR ${path} can't be written to.`, 'Check its owner and mode, or name another folder.', {
      cause,
    });
  }
  if (code === 'ENOSPC') {
    return new Failure(`The disk of DATA_DIR ${path} is full.`, 'Free some space and start again. Nothing was lost.', {
      cause,
    });
  }
  return cause;
}
