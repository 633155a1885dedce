import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Check, Mutation } from './mutations.ts';

const root = path.join(import.meta.dirname, '../..');

/** A copy of the sources, sharing node_modules, in which bugs can be put. */
export class MutatedTree {
  readonly dir = mkdtempSync(path.join(tmpdir(), 'uco-mutation-'));

  constructor() {
    const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' });
    for (const file of listed.split('\n').filter((name) => /\.(ts|mjs|sql|json)$/.test(name))) {
      mkdirSync(path.dirname(path.join(this.dir, file)), { recursive: true });
      cpSync(path.join(root, file), path.join(this.dir, file));
    }
    symlinkSync(path.join(root, 'node_modules'), path.join(this.dir, 'node_modules'));
  }

  /** Puts the bug in, runs `task`, and takes it out again. Throws when the code it changes is not there (any more). */
  async with<T>(mutation: Mutation, task: () => Promise<T>): Promise<T> {
    const file = path.join(this.dir, mutation.file);
    const source = readFileSync(file, 'utf8');
    const found = source.split(mutation.search).length - 1;
    if (found !== 1) throw new Error(`${mutation.file} has the code of "${mutation.name}" ${found} times, not once`);
    writeFileSync(
      file,
      source.replace(mutation.search, () => mutation.replace),
    );
    try {
      return await task();
    } finally {
      writeFileSync(file, source);
    }
  }

  /** Runs a check in the tree, of a test file perhaps one test; resolves with its exit code and what it said. */
  run(check: Check, test?: string): Promise<{ exitCode: number; output: string }> {
    const args = check.endsWith('.ts')
      ? [
          'node_modules/vitest/vitest.mjs',
          'run',
          check,
          '--bail',
          '1',
          ...(test === undefined ? [] : ['-t', `^${test}`]),
        ]
      : ['--import', 'tsx', 'verify/mutations/scenario.ts', check];
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        args,
        { cwd: this.dir, timeout: 150_000, maxBuffer: 16 << 20 },
        (error, stdout, stderr) => {
          const exitCode = error ? (typeof error.code === 'number' ? error.code : 99) : 0;
          resolve({ exitCode, output: `${stdout}\n${stderr}` });
        },
      );
    });
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}
