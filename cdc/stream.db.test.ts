import { afterAll, beforeAll, expect, it } from 'vitest';
import { formatLsn, parseLsn } from './lsn.ts';
import { CdcBench, rowTexts } from './testing.ts';

let bench: CdcBench;
beforeAll(async () => {
  bench = await CdcBench.start();
});
afterAll(() => bench.stop());

const orders = `CREATE TABLE orders (tenant_id int, id int, status text, note text, PRIMARY KEY (tenant_id, id));
  ALTER TABLE orders REPLICA IDENTITY FULL;`;
const groups = { orders: { group: 'orders', column: 'id' } };

// Red when: several changes of a row share the commit's position (then the order of versions is lost).
it('carries every change of a transaction in order, with rising versions', async () => {
  await bench.tables(orders);
  const source = await bench.source({ groups });
  await bench.sql(`BEGIN; INSERT INTO orders VALUES (1, 1, 'placed'), (1, 2, 'placed'); UPDATE orders SET status = 'shipped' WHERE id = 1;
    UPDATE orders SET status = 'delivered' WHERE id = 1; DELETE FROM orders WHERE id = 2; COMMIT`);
  const batches = await bench.drain(source);
  expect(rowTexts(batches)).toEqual([
    '+ 1 1 placed \\N',
    '+ 1 2 placed \\N',
    '+ 1 1 shipped \\N',
    '+ 1 1 delivered \\N',
    '- 1 2 placed \\N',
  ]);
  const lines = Buffer.concat(batches.flatMap((batch) => batch.rows.flatMap((rows) => rows.chunks))).toString();
  const versions = lines
    .trimEnd()
    .split('\n')
    .map((line) => BigInt(line.split('\t').at(-3) as string));
  expect(new Set(versions).size).toBe(5);
  expect([...versions].sort((a, b) => (a < b ? -1 : 1))).toEqual(versions);
  expect(versions.every((version) => version >> 48n === 1n)).toBe(true);
  expect([...(batches.find((batch) => batch.changes > 0)?.changedKeys.get('orders') ?? [])]).toEqual(['1\t1', '1\t2']);
});

// Red when: an update is taken for an insert of the new key only (the old row stays for ever).
it('turns a changed key, and any changed sort-key column, into a tombstone and an insert', async () => {
  await bench.tables(
    `CREATE TABLE items (tenant_id int, id int, order_id int, PRIMARY KEY (tenant_id, id)); ALTER TABLE items REPLICA IDENTITY FULL`,
  );
  const source = await bench.source({
    sortKeys: { items: ['tenant_id', 'order_id', 'id'] },
    groups: { items: { group: 'orders', column: 'order_id' } },
  });
  await bench.sql('INSERT INTO items VALUES (1, 1, 10)');
  await bench.sql('UPDATE items SET id = 2');
  await bench.sql('UPDATE items SET order_id = 11');
  const batches = await bench.drain(source);
  expect(rowTexts(batches)).toEqual(['+ 1 1 10', '- 1 1 10', '+ 1 2 10', '- 1 2 10', '+ 1 2 11']);
  const touched = new Set(batches.flatMap((batch) => [...(batch.changedKeys.get('orders') ?? [])]));
  expect(touched).toEqual(new Set(['1\t10', '1\t11']));
});

it('leaves out what was rolled back', async () => {
  await bench.tables(orders);
  const source = await bench.source();
  await bench.sql("BEGIN; INSERT INTO orders VALUES (1, 1, 'no'); ROLLBACK");
  await bench.sql(
    "BEGIN; INSERT INTO orders VALUES (1, 2, 'yes'); SAVEPOINT a; INSERT INTO orders VALUES (1, 3, 'no'); ROLLBACK TO a; COMMIT",
  );
  expect(rowTexts(await bench.drain(source))).toEqual(['+ 1 2 yes \\N']);
});

// Red when: rows written before and after a TRUNCATE land in the batch of the truncate.
it('tells a truncate in a batch of its own, between what came before and after', async () => {
  await bench.tables(`${orders} CREATE TABLE other (id int PRIMARY KEY); ALTER TABLE other REPLICA IDENTITY FULL`);
  const source = await bench.source();
  await bench.sql(
    "BEGIN; INSERT INTO orders VALUES (1, 1, 'a'); TRUNCATE orders, other; INSERT INTO orders VALUES (1, 2, 'b'); COMMIT",
  );
  const batches = (await bench.drain(source)).filter((batch) => batch.changes > 0);
  expect(batches.map((batch) => batch.truncated?.tables.map((table) => table.name) ?? rowTexts([batch]))).toEqual([
    ['+ 1 1 a \\N'],
    ['orders', 'other'],
    ['+ 1 2 b \\N'],
  ]);
  expect(batches.map((batch) => batch.endsTransaction)).toEqual([false, false, true]);
});

// Red when: an unchanged TOAST value is written as null or empty.
it('keeps a large value that an update left alone', async () => {
  await bench.tables(orders);
  await bench.sql('ALTER TABLE orders ALTER note SET STORAGE EXTERNAL');
  const source = await bench.source();
  await bench.sql("INSERT INTO orders SELECT 1, 1, 'placed', repeat('x', 1000000)");
  await bench.sql("UPDATE orders SET status = 'shipped'");
  await bench.sql('UPDATE orders SET id = 2');
  const texts = rowTexts(await bench.drain(source));
  expect(texts.map((text) => text.length)).toEqual([1_000_013, 1_000_014, 1_000_014, 1_000_014]);
});

// Red when: such a change is dropped without a word, or stops the stream.
it('rejects, by name, an update whose large value is not in the log', async () => {
  await bench.tables(orders);
  await bench.sql('ALTER TABLE orders ALTER note SET STORAGE EXTERNAL; ALTER TABLE orders REPLICA IDENTITY DEFAULT');
  const source = await bench.source({ groups });
  await bench.sql("INSERT INTO orders SELECT 1, 1, 'placed', repeat('x', 100000)");
  await bench.sql("UPDATE orders SET status = 'shipped'; INSERT INTO orders VALUES (1, 2, 'placed')");
  const batches = await bench.drain(source);
  expect(rowTexts(batches).map((text) => text.slice(0, 12))).toEqual(['+ 1 1 placed', '+ 1 2 placed']);
  expect(batches.flatMap((batch) => batch.rejected ?? [])).toMatchObject([
    { table: 'orders', key: '1,1', tenant: '1', row: { status: 'shipped', note: null } },
  ]);
});

// Red when: the encoder keeps using the layout it first saw.
it('follows a table that changes while it streams', async () => {
  await bench.tables(orders);
  const source = await bench.source();
  await bench.sql("INSERT INTO orders VALUES (1, 1, 'a')");
  await bench.sql(
    "ALTER TABLE orders ADD COLUMN total numeric(19, 4), ALTER COLUMN status SET NOT NULL; INSERT INTO orders VALUES (1, 2, 'b', null, 2.5)",
  );
  await bench.sql('ALTER TABLE orders DROP COLUMN note; INSERT INTO orders VALUES (1, 3, $$c$$, 7)');
  const batches = await bench.drain(source);
  const layouts = batches.flatMap((batch) => batch.rows).map((rows) => rows.columns.slice(0, -3).join(' '));
  expect(layouts).toEqual(['tenant_id id status note', 'tenant_id id status note total', 'tenant_id id status total']);
  expect(rowTexts(batches)).toEqual(['+ 1 1 a \\N', '+ 1 2 b \\N 2.5000', '+ 1 3 c 7.0000']);
});

// Red when: what was received (a keepalive's end, the last commit) is confirmed instead of what was acknowledged.
it('confirms nothing before it is acknowledged, and all of it afterwards', async () => {
  await bench.tables(orders);
  const source = await bench.source({ heartbeatMs: 200 });
  const before = await bench.confirmed();
  await bench.sql("INSERT INTO orders VALUES (1, 1, 'a')");
  const batches = await bench.drain(source);
  await new Promise((resolve) => setTimeout(resolve, 2500));
  expect(formatLsn(await bench.confirmed())).toBe(formatLsn(before));
  const position = batches.at(-1)?.position ?? 0n;
  source.acknowledge(position);
  await expect.poll(async () => formatLsn(await bench.confirmed())).toBe(formatLsn(position));
  expect(() => source.acknowledge(position + 1_000_000n)).toThrow(/delivered/);
});

// Red when: a restart begins after what was delivered, not after what was acknowledged.
it('delivers again, after a crash, exactly what was not acknowledged', async () => {
  await bench.tables(orders);
  const first = await bench.source();
  await bench.sql("INSERT INTO orders VALUES (1, 1, 'a')");
  const acknowledged = await bench.drain(first);
  first.acknowledge(acknowledged.at(-1)?.position ?? 0n);
  await expect.poll(() => bench.confirmed()).toBe(acknowledged.at(-1)?.position);
  await bench.sql("INSERT INTO orders VALUES (1, 2, 'b')");
  await bench.sql("INSERT INTO orders VALUES (1, 3, 'c')");
  const lost = await bench.drain(first);
  expect(rowTexts(lost)).toHaveLength(2);
  await first.close();
  const second = await bench.source();
  expect(rowTexts(await bench.drain(second))).toEqual(rowTexts(lost));
});

// Red when: `before` lets a later transaction through that was received already.
it('stops exactly before a position and goes on from there', async () => {
  await bench.tables(orders);
  const source = await bench.source();
  await bench.sql("INSERT INTO orders VALUES (1, 1, 'a')");
  const middle = await bench.walEnd();
  await bench.sql("INSERT INTO orders VALUES (1, 2, 'b')");
  const seen: string[] = [];
  for (;;) {
    const batch = await source.next({ before: middle });
    if (!batch) break;
    seen.push(...rowTexts([batch]));
    expect(batch.position <= middle).toBe(true);
  }
  expect(seen).toEqual(['+ 1 1 a \\N']);
  expect(await source.next({ before: middle })).toBeNull();
  expect(rowTexts(await bench.drain(source))).toEqual(['+ 1 2 b \\N']);
});

// Red when: an idle stream leaves the slot where it is while other databases or unpublished tables write.
it('moves on while only unpublished tables are written', async () => {
  await bench.tables(orders);
  await bench.sql('CREATE TABLE public.unpublished AS SELECT 1 AS a');
  const source = await bench.source({ heartbeatMs: 200 });
  await bench.sql('INSERT INTO public.unpublished SELECT generate_series(1, 20000)');
  const target = await bench.walEnd();
  let heartbeats = 0;
  for (;;) {
    const batch = await source.next();
    if (!batch) break;
    heartbeats += batch.messages.filter((message) => message.prefix === 'uco.heartbeat').length;
    source.acknowledge(batch.position);
    if (batch.position >= target && heartbeats > 1) break;
  }
  await expect.poll(async () => (await bench.confirmed()) >= target).toBe(true);
  await bench.sql('DROP TABLE public.unpublished');
});

it('tells how far the server is ahead, and delivers its control messages', async () => {
  await bench.tables(orders);
  const source = await bench.source({ heartbeatMs: 100 });
  await bench.sql("INSERT INTO orders SELECT 1, g, repeat('x', 500) FROM generate_series(1, 5000) g");
  await expect.poll(() => source.lagBytes()).toBeGreaterThan(2_000_000n);
  await bench.sql("SELECT pg_logical_emit_message(false, 'uco.note', 'hello', true)");
  await bench.sql("SELECT pg_logical_emit_message(false, 'foreign', 'no', true)");
  const batches = await bench.drain(source);
  expect(
    batches.flatMap((batch) => batch.messages).filter((message) => message.prefix !== 'uco.heartbeat'),
  ).toMatchObject([{ prefix: 'uco.note', content: 'hello' }]);
  expect(source.lagBytes()).toBeLessThan(100_000n);
});

// Red when: a waiting next() hangs for ever after the server is gone.
it('rejects with the reason when the server goes away, and a new source goes on', async () => {
  await bench.tables(orders);
  const source = await bench.source();
  await bench.drain(source);
  const waiting = (async () => {
    for (;;) await source.next();
  })();
  const rejected = expect(waiting).rejects.toThrow(/change stream of slot test ended: .+/);
  process.kill(bench.engines.pids.postgres, 'SIGKILL');
  await rejected;
  await expect(source.next()).rejects.toThrow(/ended/);
  await bench.engines.restart('postgres');
  await bench.reconnect();
  const next = await bench.source();
  await bench.sql("INSERT INTO shop.orders VALUES (1, 9, 'z')");
  expect(rowTexts(await bench.drain(next))).toEqual(['+ 1 9 z \\N']);
});

it('says so when the slot is missing', async () => {
  await expect(bench.source({ slot: 'nobody' })).rejects.toThrow(/cannot stream from slot nobody: .*does not exist/);
  expect(parseLsn('0/10')).toBe(16n);
});
