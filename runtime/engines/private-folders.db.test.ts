import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { connectAdmin } from '../../sql/postgres.ts';
import { freePorts } from '../ports.ts';
import { startPostgres } from './postgres.ts';

const top = mkdtempSync(join(tmpdir(), 'uco-private-'));

afterEach(() => rmSync(top, { recursive: true, force: true }));

// Mutation: hand Postgres the plain path. As root it then can't enter a folder like those mktemp makes, or /root.
it('runs Postgres in a folder that nobody else may enter', async () => {
  chmodSync(top, 0o700);
  const [port] = (await freePorts(1)) as [number];
  const options = { dir: join(top, 'postgres'), port, password: 'secret', sync: false };
  for (const expected of [0, 1]) {
    const postgres = await startPostgres(options);
    const client = await connectAdmin(postgres.url);
    const { rows } = await client.query(`SELECT count(*)::int AS tables FROM pg_tables WHERE tablename = 'kept'`);
    expect(rows).toEqual([{ tables: expected }]);
    await client.query('CREATE TABLE IF NOT EXISTS kept (n int)');
    await client.end();
    await postgres.stop();
  }
});
