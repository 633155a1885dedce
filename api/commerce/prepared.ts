import type pg from 'pg';

const MARK = /^-- prepared: ([\w ]+)\n/;

/**
 * Marks a statement that runs very often: each connection plans it once and keeps the plan under this name. Its text must be a constant, and
 * the best plan must not depend on the values.
 */
export function prepared(name: string, text: string): string {
  return `-- prepared: ${name}\n${text}`;
}

/** Lets a connection prepare marked statements, whoever sends them; Kysely knows no names. */
export function prepareMarked(client: pg.PoolClient): void {
  const send = client.query.bind(client) as (...args: unknown[]) => unknown;
  const query = (text: unknown, values: unknown, ...rest: unknown[]) => {
    const name = typeof text === 'string' && Array.isArray(values) ? MARK.exec(text)?.[1] : undefined;
    return name === undefined ? send(text, values, ...rest) : send({ name, text, values }, ...rest);
  };
  client.query = query as typeof client.query;
}
