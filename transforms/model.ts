import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

export type Layer = 'facts' | 'marts';

/** One SQL file: `facts/orders.sql` is the model `facts.orders`. */
export interface Model {
  /** Qualified: `facts.orders`. */
  readonly name: string;
  readonly layer: Layer;
  /** The comment it opens with: grain, units, reads, group, invariants. */
  readonly header: Readonly<Record<string, string>>;
  /** CREATE TABLE of a fact, CREATE VIEW of a mart. */
  readonly create: string;
  /** INSERT … SELECT of a fact, with `changed_keys` standing for the entities to recompute; null for a mart. */
  readonly fill: string | null;
  /** The group of changed keys that makes it stale; null for a mart. */
  readonly group: string | null;
  /** Qualified tables and views it reads, from its SQL, sorted. */
  readonly reads: readonly string[];
  /** Of its statements without comments and layout: a model whose checksum changed must be made anew. */
  readonly checksum: string;
}

const REQUIRED_HEADER = ['model', 'grain', 'units', 'reads', 'invariants'];

/** Reads one model file. Throws when the header is missing a part or disagrees with the SQL. */
export function parseModel(layer: Layer, fileName: string, text: string): Model {
  const name = `${layer}.${fileName.replace(/\.sql$/, '')}`;
  const header = parseHeader(text);
  const [create, fill = null, ...rest] = statements(text);
  if (create === undefined || rest.length > 0) throw new Error(`${name}: expected one or two statements`);
  const sql = [create, fill ?? ''].map(withoutComments).join('\n');
  const reads = [...new Set([...sql.matchAll(/\b(?:raw|facts|marts)\.[a-z_]+/g)].map(([found]) => found))]
    .filter((found) => found !== name)
    .sort();
  const missing = REQUIRED_HEADER.filter((key) => !header[key]);
  if (missing.length > 0) throw new Error(`${name}: the header lacks ${missing.join(', ')}`);
  if (header.model !== name) throw new Error(`${name}: the header names ${header.model}`);
  const declared = header.reads?.split(/,\s*/).sort().join(', ');
  if (declared !== reads.join(', ')) {
    throw new Error(`${name}: the header says it reads ${declared}, the SQL reads ${reads.join(', ')}`);
  }
  const group = header.group?.split(' ')[0] ?? null;
  if ((fill === null) !== (group === null)) throw new Error(`${name}: a fill needs a group, and a group a fill`);
  const checksum = createHash('sha256').update(sql.replace(/\s+/g, ' ').trim()).digest('hex').slice(0, 16);
  return { name, layer, header, create, fill, group, reads, checksum };
}

/** All models of the project, each after those it reads. */
export function loadModels(): Model[] {
  return (['facts', 'marts'] as const).flatMap((layer) => {
    const folder = new URL(`./${layer}/`, import.meta.url);
    const models = readdirSync(folder)
      .filter((file) => file.endsWith('.sql'))
      .sort()
      .map((file) => parseModel(layer, file, readFileSync(new URL(file, folder), 'utf8')));
    return inReadingOrder(models);
  });
}

function inReadingOrder(models: readonly Model[]): Model[] {
  const ordered: Model[] = [];
  const visit = (model: Model, path: readonly string[]) => {
    if (path.includes(model.name)) throw new Error(`models read each other: ${[...path, model.name].join(' → ')}`);
    if (ordered.includes(model)) return;
    for (const read of models.filter(({ name }) => model.reads.includes(name))) visit(read, [...path, model.name]);
    ordered.push(model);
  };
  for (const model of models) visit(model, []);
  return ordered;
}

/** `-- key: value`, where a comment line without a key goes on with the value before it. */
function parseHeader(text: string): Record<string, string> {
  const header: Record<string, string> = {};
  let last: string | null = null;
  for (const line of text.split('\n')) {
    if (!line.startsWith('--')) break;
    const [, key, value] = /^-- ([a-z]+): +(.*)$/.exec(line) ?? [];
    if (key !== undefined) {
      header[key] = value?.trim() ?? '';
      last = key;
    } else if (last !== null) {
      header[last] += ` ${line.slice(2).trim()}`;
    }
  }
  return header;
}

/** A statement ends with a semicolon at the end of a line outside the header. */
function statements(text: string): string[] {
  const body = text.replace(/^(--.*\n)+/, '');
  return body
    .split(/;[ \t]*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

function withoutComments(sql: string): string {
  return sql.replace(/--.*$/gm, '');
}
