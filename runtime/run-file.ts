// DATA_DIR/run.json: how other processes find the running instance. Mode 0600, since it holds passwords.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Failure } from './failure.ts';
import { lockHolder } from './lock.ts';
import { writePrivateFile } from './private-file.ts';

export const runSchema = z.object({
  /** Of the HTTP API. */
  url: z.string(),
  /** Administrative URLs. */
  postgres: z.object({ url: z.string() }),
  clickhouse: z.object({ url: z.string(), tcpPort: z.number().int().optional() }),
  /** The stream's control server; absent until the stream has started. */
  control: z.object({ url: z.string(), token: z.string() }).optional(),
  processes: z.array(z.object({ name: z.string(), pid: z.number().int() })),
});

export type Run = z.output<typeof runSchema>;

const pathOf = (dir: string) => join(dir, 'run.json');

export function writeRun(dir: string, run: Run): void {
  writePrivateFile(pathOf(dir), `${JSON.stringify(run, null, 2)}\n`);
}

export function removeRun(dir: string): void {
  rmSync(pathOf(dir), { force: true });
}

/** What the last instance left or the running one wrote; null when there is nothing legible. */
export function readRun(dir: string): Run | null {
  try {
    return runSchema.parse(JSON.parse(readFileSync(pathOf(dir), 'utf8')));
  } catch {
    return null;
  }
}

/** The running instance of a data directory; throws a Failure when none runs. */
export function runningInstance(dir: string): Run {
  const run = lockHolder(dir) ? readRun(dir) : null;
  if (run) return run;
  throw new Failure(
    `No instance is running on ${dir}.`,
    'Start one with `npm start`, or name the data directory of a running one in DATA_DIR.',
  );
}
