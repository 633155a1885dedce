import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * The architecture, enforced. Data flows right, imports point left:
 *   sql → cdc → ingestion → transforms → api → verify → runtime
 */
const ROOMS = ['sql', 'cdc', 'ingestion', 'transforms', 'api', 'verify', 'runtime'];

/** Leaves that every room may import. */
const LEAVES = ['runtime/config.ts', 'runtime/log.ts', 'runtime/failure.ts', 'runtime/ports.ts'];

/** Tests and benches may start engines and reach across rooms; what ships may not. */
const isTest = (file: string) => /\.(test|bench)\.ts$|(^|\/)(testing|scenario)[^/]*\.ts$/.test(file);

/** Where each driver may be imported: everything else goes through these doors. */
const DRIVERS: Record<string, RegExp> = {
  '@clickhouse/client': /^(ingestion\/clickhouse|api\/analytics\/tenant-clickhouse)\.ts$/,
  pg: /^(sql\/postgres|api\/commerce\/database)\.ts$|^cdc\//,
  kysely: /^(sql\/database-types|api\/(commerce|auth)\/[a-z-/]+)\.ts$/,
};

const root = import.meta.dirname;
const files = execFileSync('git', ['ls-files', '*.ts', '*.tsx', '*.mjs'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && !file.startsWith('architecture.') && !file.endsWith('.config.ts'));

interface Import {
  file: string;
  specifier: string;
  /** Path from the root for relative imports, else null. */
  target: string | null;
  typeOnly: boolean;
}

const imports: Import[] = files.flatMap((file) => {
  const source = readFileSync(path.join(root, file), 'utf8');
  const statements = source.matchAll(
    /^\s*(?:import|export)\s+(type\s+)?[^'"();]*?from\s+'([^']+)'|import\('([^']+)'\)/gm,
  );
  return [...statements].map((match) => {
    const specifier = match[2] ?? match[3] ?? '';
    const target = specifier.startsWith('.') ? path.posix.join(path.posix.dirname(file), specifier) : null;
    return { file, specifier, target, typeOnly: match[1] !== undefined };
  });
});

const room = (file: string) => ROOMS.indexOf(file.split('/')[0] ?? '');

describe('architecture', () => {
  it('sees the code', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(imports.length).toBeGreaterThan(100);
  });

  it('imports point left', () => {
    const wrong = imports.filter(
      ({ file, target }) =>
        target !== null && !isTest(file) && !LEAVES.includes(target) && room(file) >= 0 && room(target) > room(file),
    );
    expect(wrong.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
  });

  it('reaches each store through its doors only', () => {
    const wrong = imports.filter(({ file, specifier, typeOnly }) => {
      const doors = DRIVERS[specifier];
      return doors !== undefined && !typeOnly && !isTest(file) && !doors.test(file);
    });
    expect(wrong.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([]);
  });

  // Browser code: both apps stand on ui/, and none of them knows the server or the other app.
  it('keeps the dashboards clients of the public API', () => {
    const allowed: Record<string, string[]> = {
      ui: ['ui'],
      'brand-dashboards': ['brand-dashboards', 'ui'],
      'control-tower': ['control-tower', 'ui'],
    };
    const wrong = imports.filter(({ file, target }) => {
      const rooms = allowed[file.split('/')[0] ?? ''];
      return rooms !== undefined && target !== null && !isTest(file) && !rooms.includes(target.split('/')[0] ?? '');
    });
    expect(wrong.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
    const intoThem = imports.filter(
      ({ file, target }) =>
        target !== null &&
        !isTest(file) &&
        allowed[file.split('/')[0] ?? ''] === undefined &&
        allowed[target.split('/')[0] ?? ''] !== undefined,
    );
    expect(intoThem.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
  });

  it('reads the environment in one place', () => {
    const readers = files.filter(
      (file) => !isTest(file) && /process\.env\b/.test(readFileSync(path.join(root, file), 'utf8')),
    );
    expect(readers).toEqual(['runtime/config.ts']);
  });

  it('keeps rooms free of cycles between files', () => {
    const graph = new Map<string, string[]>();
    for (const { file, target, typeOnly } of imports) {
      if (target !== null && !typeOnly) graph.set(file, [...(graph.get(file) ?? []), target]);
    }
    const state = new Map<string, 'open' | 'done'>();
    const cycles: string[] = [];
    const visit = (file: string, trail: string[]) => {
      if (state.get(file) === 'done') return;
      if (state.get(file) === 'open') {
        cycles.push([...trail.slice(trail.indexOf(file)), file].join(' → '));
        return;
      }
      state.set(file, 'open');
      for (const target of graph.get(file) ?? []) visit(target, [...trail, file]);
      state.set(file, 'done');
    };
    for (const file of files) visit(file, []);
    expect(cycles).toEqual([]);
  });
});
