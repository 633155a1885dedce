/** Every type, through the stream and through a snapshot, read back from ClickHouse and compared with Postgres' own text. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ClampedValue } from './change-source.ts';
import { openSnapshot } from './snapshot/snapshot.ts';
import { CdcBench } from './testing.ts';

let bench: CdcBench;
beforeAll(async () => {
  bench = await CdcBench.start();
});
afterAll(() => bench.stop());

/** What Postgres says a column must read as in ClickHouse: independent of the code under test. */
interface Case {
  readonly type: string;
  readonly values: readonly string[];
  /** SQL over column `v` that prints the expected text. */
  readonly expected?: string;
}

const instantText = "to_char(v, 'YYYY-MM-DD HH24:MI:SS.US')";
const awkward = [
  "E'tab\\there'",
  "E'line\\nfeed'",
  "E'carriage\\rreturn'",
  "E'back\\\\slash \\\\N \\\\t'",
  "E'it''s \"quoted\"'",
  "'😀 é 漢'",
  "''",
  "E'\\b\\f\\v'",
  "'NULL'",
  "'{a}'",
];

const cases: Record<string, Case> = {
  t_text: { type: 'text', values: [...awkward, "repeat(E'large\\t', 170000)"] },
  t_varchar: { type: 'varchar(40)', values: awkward },
  t_char: { type: 'char(5)', values: ["'ab'"], expected: 'rpad(v::text, 5)' },
  t_int2: { type: 'int2', values: ['-32768', '32767'] },
  t_int4: { type: 'int4', values: ['-2147483648', '0'] },
  t_int8: { type: 'int8', values: ['-9223372036854775808', '9223372036854775807'] },
  t_money: {
    type: 'numeric(19,4)',
    values: ['123456789012345.6789', '-0.0001', '0', '9007199254740993.5'.slice(0, 15)],
  },
  t_wide: { type: 'numeric(38,10)', values: ['1234567890123456789012345678.0123456789', '-1'] },
  t_numeric: {
    type: 'numeric',
    values: ['1.10', '1e100', '-0.000000000000000000000000000000001', "'NaN'", "'Infinity'"],
  },
  t_negscale: { type: 'numeric(3,-2)', values: ['12345'] },
  t_bool: { type: 'bool', values: ['true', 'false'], expected: "CASE WHEN v THEN 'true' WHEN NOT v THEN 'false' END" },
  t_float8: { type: 'float8', values: ['1.5', '-0.1', '1e300', '123456789.125'], expected: 'v::text' },
  t_uuid: { type: 'uuid', values: ["'019a0000-0000-7000-8000-0000000000ff'"] },
  t_timestamptz: {
    type: 'timestamptz',
    values: [
      "'2011-01-01 00:00:00.123456+00'",
      "'1969-12-31 23:59:59.999999+00'",
      "'1900-01-01 00:00:00+00'",
      "'2299-12-31 23:59:59.999999+00'",
      "'2262-04-12 10:00:00+05:45'",
      "'2024-02-29 12:00:00.1+00'",
    ],
    expected: instantText,
  },
  t_timestamp: {
    type: 'timestamp',
    values: ["'2024-02-29 12:00:00.000001'", "'1901-05-05 05:05:05'"],
    expected: instantText,
  },
  t_date: { type: 'date', values: ["'1900-01-01'", "'2299-12-31'", "'2024-02-29'"] },
  t_jsonb: { type: 'jsonb', values: [`'{"a": [1, 2.50, null], "b\\\\": "x\\ty \\u00e9 😀"}'`] },
  t_json: { type: 'json', values: [`'{"a" :1,  "a": "line\\n"}'`] },
  t_bytea: { type: 'bytea', values: ["'\\x00ff5c'"], expected: "'\\x' || encode(v, 'hex')" },
  t_inet: {
    type: 'inet',
    values: ["'10.0.0.1/8'", "'::1'"],
    expected: "CASE WHEN v IS NOT NULL THEN format('%s', v) END",
  },
  t_interval: { type: 'interval', values: ["'1 year 2 days 03:04:05.6'"] },
  t_enum: { type: 'shop.mood', values: ["'very happy'", "E'it''s'"] },
  t_domain: { type: 'shop.price', values: ['12.3'], expected: 'v::numeric(19,4)::text' },
  t_nullable_array: { type: 'text[]', values: ["'{a,NULL}'", "'{}'"] },
};

const preamble = `CREATE TYPE shop.mood AS ENUM ('very happy', 'it''s'); CREATE DOMAIN shop.amount AS numeric(19,4); CREATE DOMAIN shop.price AS shop.amount CHECK (VALUE > 0);`;

async function compare(label: string): Promise<void> {
  const problems: string[] = [];
  for (const [name, { expected }] of Object.entries(cases)) {
    const wanted = await bench.sql(
      `SELECT id::text AS id, ${expected ?? 'v::text'} AS v FROM shop.${name} ORDER BY shop.${name}.id`,
    );
    const got = await bench.clickhouse(`SELECT toString(id), v FROM ${name} FINAL ORDER BY id`);
    const wantedRows = wanted.map((row) => [row.id, row.v]);
    if (JSON.stringify(got) !== JSON.stringify(wantedRows)) {
      problems.push(
        `${label} ${name}: ${JSON.stringify(got).slice(0, 400)} instead of ${JSON.stringify(wantedRows).slice(0, 400)}`,
      );
    }
  }
  expect(problems).toEqual([]);
}

async function viaSnapshot(generation: number): Promise<ClampedValue[]> {
  await bench.dropSlot();
  const snapshot = await openSnapshot({ url: bench.url, publication: bench.publication, slot: bench.slot, generation });
  const clamped: ClampedValue[] = [];
  for (const table of snapshot.tables) {
    for await (const part of snapshot.read(table)) {
      await bench.write([part.rows]);
      clamped.push(...part.clamped);
    }
  }
  await snapshot.close();
  return clamped;
}

const tablesOf = (types: Record<string, { type: string }>) =>
  preamble +
  Object.entries(types)
    .map(
      ([name, { type }]) =>
        `CREATE TABLE ${name} (id int PRIMARY KEY, v ${type}); ALTER TABLE ${name} REPLICA IDENTITY FULL;`,
    )
    .join('');

// Red when: any encoder or select expression prints differently from what ClickHouse reads.
it('mirrors every type, null included, through stream and snapshot', async () => {
  await bench.tables(tablesOf(cases));
  const source = await bench.source();
  for (const [name, { values }] of Object.entries(cases)) {
    const rows = [...values, 'NULL'].map((value, id) => `(${id}, ${value})`).join(', ');
    await bench.sql(`INSERT INTO ${name} VALUES ${rows}`);
  }
  const clamped: ClampedValue[] = [];
  await bench.drain(source, async (batch) => {
    clamped.push(...batch.clamped);
    await bench.write(batch.rows);
  });
  expect(clamped).toEqual([]);
  await compare('stream');
  await source.close();
  for (const name of Object.keys(cases)) await bench.clickhouse(`TRUNCATE TABLE ${name}`);
  expect(await viaSnapshot(1)).toEqual([]);
  await compare('snapshot');
});

const arrays: Record<string, { type: string; value: string; expected: string }> = {
  a_text: {
    type: 'text[]',
    value: `ARRAY['a', 'b,c', NULL, 'NULL', '', E'q"\\\\''\\t\\n', '{x}', '😀']`,
    expected: JSON.stringify(['a', 'b,c', null, 'NULL', '', `q"\\'\t\n`, '{x}', '😀']),
  },
  a_int: { type: 'int[]', value: `'[0:2]={1,NULL,-3}'`, expected: '[1,null,-3]' },
  a_bool: { type: 'bool[]', value: `'{t,f,NULL}'`, expected: '[true,false,null]' },
  a_uuid: {
    type: 'uuid[]',
    value: `'{019a0000-0000-7000-8000-0000000000ff}'`,
    expected: '["019a0000-0000-7000-8000-0000000000ff"]',
  },
  a_time: {
    type: 'timestamptz[]',
    value: `'{"2011-01-01 00:00:00.5+00"}'`,
    expected: '["2011-01-01 00:00:00.500000"]',
  },
  a_money: { type: 'numeric(19,4)[]', value: `'{1.5,NULL}'`, expected: '["1.5000",null]' },
  a_empty: { type: 'date[]', value: `'{}'`, expected: '[]' },
};

it('mirrors arrays through stream and snapshot', async () => {
  const types = Object.fromEntries(
    Object.entries(arrays).map(([name, { type }]) => [name, { type: `${type} NOT NULL` }]),
  );
  await bench.tables(tablesOf(types));
  const source = await bench.source();
  for (const [name, { value }] of Object.entries(arrays)) await bench.sql(`INSERT INTO ${name} VALUES (1, ${value})`);
  const check = async () => {
    for (const [name, { expected }] of Object.entries(arrays)) {
      expect([name, ...((await bench.clickhouse(`SELECT v FROM ${name} FINAL`))[0] ?? [])]).toEqual([name, expected]);
    }
  };
  await bench.drain(source, (batch) => bench.write(batch.rows));
  await check();
  await source.close();
  for (const name of Object.keys(arrays)) await bench.clickhouse(`TRUNCATE TABLE ${name}`);
  expect(await viaSnapshot(1)).toEqual([]);
  await check();
});

// Red when: a value out of range is stored as something else, or nobody is told.
it('clamps what ClickHouse cannot hold, and reports each', async () => {
  await bench.tables(
    `CREATE TABLE far (id int PRIMARY KEY, at timestamptz, local timestamp, day date, amount numeric(19,4), matrix int[] NOT NULL DEFAULT '{}', times timestamptz[] NOT NULL DEFAULT '{}');
     ALTER TABLE far REPLICA IDENTITY FULL`,
  );
  const source = await bench.source();
  await bench.sql(`INSERT INTO far VALUES (1, 'infinity', '1899-12-31 23:59:59', '0044-03-15 BC', 'NaN', '{{1,2},{3,4}}', '{infinity,NULL}'),
    (2, '-infinity', '12011-01-01', 'infinity', 0, DEFAULT, DEFAULT), (3, '2011-01-01 BC', NULL, '2300-01-01', -0, DEFAULT, DEFAULT), (4, '2024-01-01', '2024-01-01', '2024-01-01', 1, '{1}', DEFAULT)`);
  const stored = [
    [
      '1',
      '2299-12-31 23:59:59.999999',
      '1900-01-01 00:00:00.000000',
      '1900-01-01',
      '0.0000',
      '[1,2,3,4]',
      '["2299-12-31 23:59:59.999999",null]',
    ],
    ['2', '1900-01-01 00:00:00.000000', '2299-12-31 23:59:59.999999', '2299-12-31', '0.0000', '[]', '[]'],
    ['3', '1900-01-01 00:00:00.000000', null, '2299-12-31', '0.0000', '[]', '[]'],
    ['4', '2024-01-01 00:00:00.000000', '2024-01-01 00:00:00.000000', '2024-01-01', '1.0000', '[1]', '[]'],
  ];
  const reported = [
    '1 amount',
    '1 at',
    '1 day',
    '1 local',
    '1 matrix',
    '1 times',
    '2 at',
    '2 day',
    '2 local',
    '3 at',
    '3 day',
  ];
  const names = (values: readonly ClampedValue[]) => values.map((value) => `${value.key} ${value.column}`).sort();
  const columns = 'SELECT id, at, local, day, amount, matrix, times FROM far FINAL ORDER BY id';
  const clamped: ClampedValue[] = [];
  await bench.drain(source, async (batch) => {
    clamped.push(...batch.clamped);
    await bench.write(batch.rows);
  });
  expect(await bench.clickhouse(columns)).toEqual(stored);
  expect(names(clamped)).toEqual(reported);
  expect(clamped.find((value) => value.key === '1' && value.column === 'day')).toMatchObject({
    original: '0044-03-15 BC',
    stored: '1900-01-01',
  });
  await source.close();
  await bench.clickhouse('TRUNCATE TABLE far');
  expect(names(await viaSnapshot(1))).toEqual(reported);
  expect(await bench.clickhouse(columns)).toEqual(stored);
});

// A failing run prints its seed and path; give both to fc.assert to replay.
it('mirrors random rows (property)', async () => {
  await bench.tables(
    'CREATE TABLE any_row (id int PRIMARY KEY, t text, n numeric(30,6), at timestamptz, j jsonb, a text[] NOT NULL); ALTER TABLE any_row REPLICA IDENTITY FULL',
  );
  const source = await bench.source();
  const text = fc.string({ unit: 'binary', maxLength: 60 }).map((value) => value.replaceAll('\0', ''));
  const row = fc.record({
    t: fc.option(text),
    n: fc.option(fc.bigInt({ min: -(10n ** 29n), max: 10n ** 29n }).map((value) => `${value}e-6`)),
    at: fc.option(
      fc.date({ min: new Date('1900-01-01T00:00:00Z'), max: new Date('2299-12-31T00:00:00Z'), noInvalidDate: true }),
    ),
    j: fc.option(
      fc.json({ maxDepth: 2 }).map((value) => value.replaceAll('\\u0000', '').replace(/\\ud[89a-f][0-9a-f]{2}/gi, '')),
    ),
    a: fc.array(fc.option(text), { maxLength: 4 }),
  });
  let id = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 30 }), async (rows) => {
      const first = id;
      for (const value of rows) {
        await bench.insert('INSERT INTO shop.any_row VALUES ($1, $2, $3, $4, $5, $6)', [
          id++,
          value.t,
          value.n,
          value.at,
          value.j,
          value.a,
        ]);
      }
      await bench.drain(source, (batch) => bench.write(batch.rows));
      const wanted = await bench.sql(
        `SELECT id::text, t, n::text, to_char(at, 'YYYY-MM-DD HH24:MI:SS.US') AS at, j::text, to_json(a)::jsonb::text AS a FROM shop.any_row WHERE id >= ${first} ORDER BY any_row.id`,
      );
      const got = await bench.clickhouse(
        `SELECT id, t, n, at, j, a FROM any_row FINAL WHERE id >= ${first} ORDER BY id`,
      );
      const parsed = (cells: unknown[]) => [...cells.slice(0, 5), JSON.parse(String(cells[5]))];
      expect(got.map(parsed)).toEqual(wanted.map((cells) => parsed(Object.values(cells))));
    }),
    { numRuns: 25 },
  );
});
