import { guards } from './guards.ts';

/** Bugs put back on purpose, each with the check that must see it. `mutations.db.test.ts` applies them to a copy of the tree. */
export interface Mutation {
  readonly name: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly search: string;
  readonly replace: string;
  readonly check: Check;
  /** Of a test file only the test whose name begins so. */
  readonly test?: string;
  /** What the check must say: the difference is found where the bug does harm. */
  readonly says: RegExp;
}

/** `rows` and `kpis` play the scenario; a path is a test file of its room. */
export type Check = 'rows' | 'kpis' | `${string}.test.ts`;

export const mutations: readonly Mutation[] = [
  {
    name: 'a position is confirmed before its facts are recomputed',
    file: 'ingestion/apply-loop.ts',
    search: `    await this.#pending.flush(this.#version());
    this.#checkpoints.reached({ position, commitTime: this.#commitTime }, this.#tenants);`,
    replace: `    this.#checkpoints.reached({ position, commitTime: this.#commitTime }, this.#tenants);
    await this.#checkpoints.settle();
    await this.#pending.flush(this.#version());`,
    check: 'rows',
    says: /facts\.orders: 1 facts/,
  },
  {
    name: 'a position is confirmed before the rows set aside are stored',
    file: 'ingestion/checkpoints.ts',
    search: `    await writer.storeAll(later);
    const lagBytes = source.lagBytes();
    await writeProgress(client, { position, commitTime, lagBytes, tenants });
    source.acknowledge(position);`,
    replace: `    const lagBytes = source.lagBytes();
    await writeProgress(client, { position, commitTime, lagBytes, tenants });
    source.acknowledge(position);
    await writer.storeAll(later);`,
    check: 'ingestion/raw-writer.db.test.ts',
    says: /FAIL .*when rows set aside cannot be stored/,
  },
  {
    name: 'what is in flight is confirmed on keepalives',
    file: 'cdc/pgoutput/pgoutput-source.ts',
    search: 'this.socket.write(standbyStatus(this.acknowledged))',
    replace: 'this.socket.write(standbyStatus(this.intake.decoded))',
    // The scenario stays green: the stream sees that more was confirmed than it has applied, and copies everything anew.
    check: 'cdc/stream.db.test.ts',
    says: /FAIL .*(confirms nothing before|delivers again, after a crash)/,
  },
  {
    name: "a change carries its commit's position as version",
    file: 'cdc/pgoutput/decoder.ts',
    search: '): DecoderStop {\n    switch (bytes[at]) {',
    replace: `): DecoderStop {
    if (this.transaction) {
      high = Number(this.transaction.position >> 32n);
      low = Number(this.transaction.position & 0xffff_ffffn);
    }
    switch (bytes[at]) {`,
    check: 'cdc/stream.db.test.ts',
    says: /FAIL .*with rising versions/,
  },
  {
    name: 'the group a row left is not recomputed',
    file: 'cdc/pgoutput/decoder.ts',
    search: '    this.batch.touched.note(bytes, relation, row);\n  }\n\n  private truncate',
    replace: '    if (!deleted) this.batch.touched.note(bytes, relation, row);\n  }\n\n  private truncate',
    check: 'rows',
    says: /facts\.orders: \d+ facts/,
  },
  {
    name: 'a snapshot row beats a later change',
    file: 'cdc/snapshot/snapshot.ts',
    search: 'versionOf(options.generation, 0n)',
    replace: 'versionOf(options.generation, 0xffff_ffff_ffffn)',
    check: 'rows',
    says: /orders: \d+ rows differ/,
  },
  {
    name: 'a batch of one changed key is lost',
    file: 'transforms/refresh.ts',
    search: "if (lines.length > 0) yield lines.join('\\n');",
    replace: "if (lines.length > 1) yield lines.join('\\n');",
    check: 'rows',
    says: /facts\.orders: \d+ facts/,
  },
  {
    name: 'a tombstone does not know its brand',
    file: 'cdc/pgoutput/decoder.ts',
    search: '    this.write(bytes, relation, relation.oldRow, true);\n    this.batch.changes++;',
    replace: `    if (relation.tenant >= 0) relation.oldRow.state[relation.tenant] = 0x6e;
    this.write(bytes, relation, relation.oldRow, true);
    this.batch.changes++;`,
    check: 'rows',
    says: /is in raw only/,
  },
  {
    name: 'an unchanged large value is written as empty',
    file: 'cdc/pgoutput/tuple.ts',
    search: '      this.to[i] = old.to[i] as number;\n      this.length',
    replace: '      this.to[i] = old.from[i] as number;\n      this.length',
    check: 'rows',
    says: /note: .* ≠ ""/,
  },
  {
    name: 'TRUNCATE is passed over',
    file: 'ingestion/apply-loop.ts',
    search: '    if (batch.truncated) await this.#truncate(batch, batch.truncated);\n',
    replace: '',
    check: 'rows',
    says: /shipment_items: \d+ rows differ/,
  },
  {
    name: 'money is a float on its way',
    file: 'transforms/facts/orders.sql',
    search: 'unit_price * quantity AS gross',
    replace: 'toDecimal128(toFloat64(unit_price) * quantity, 4) AS gross',
    check: 'kpis',
    says: /gross_sales of one/,
  },
  {
    name: 'days are those of UTC',
    file: 'api/analytics/bucket-sql.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: source code, not a template
    search: 'const date = `toDate32(toTimeZone(${time}, ${zone}))`;\n  switch',
    // The parameter stays in use, or ClickHouse would refuse the statement for another reason.
    // biome-ignore lint/suspicious/noTemplateCurlyInString: source code, not a template
    replace: "const date = `toDate32(toTimeZone(${time}, if(${zone} = '', '', 'UTC')))`;\n  switch",
    check: 'kpis',
    says: /gross_sales of one \(month, 2025-0/,
  },
  {
    name: 'currencies are added as if they were one',
    file: 'api/analytics/blocks.ts',
    search: 'toDecimal128(1, 10), x.rate)`',
    replace: 'toDecimal128(1, 10), if(x.rate = 0, x.rate, toDecimal128(1, 10)))`',
    check: 'kpis',
    says: /gross_sales of one \(total\)/,
  },
  {
    name: 'test orders are counted',
    file: 'transforms/marts/orders.sql',
    search: 'WHERE NOT is_test;',
    replace: 'WHERE 1;',
    check: 'kpis',
    says: /orders of one \(total\)/,
  },
  {
    name: 'a split shipment is taken for two orders',
    file: 'transforms/facts/orders.sql',
    search: '        GROUP BY tenant_id, order_id\n    )\n\nSELECT',
    replace: '        GROUP BY tenant_id, order_id, id\n    )\n\nSELECT',
    check: 'kpis',
    says: /(on_time_rate|delivery_time_p50|ship_time_p50) of one/,
  },
  {
    name: 'a table has no row policy',
    file: 'runtime/engines/clickhouse-users.ts',
    search: 'facts: { orders: ownTenant,',
    replace: "facts: { orders: '1',",
    check: 'api/analytics/isolation.db.test.ts',
    says: /FAIL/,
  },
  {
    name: 'a row of a brand that nobody asked for is passed over',
    file: 'api/analytics/tenant-clickhouse.ts',
    search: "if (own === undefined) throw new Error('a row of a brand that nobody asked for');",
    replace: 'if (own === undefined) continue;',
    check: 'api/analytics/isolation.db.test.ts',
    test: 'a brand is told apart',
    says: /FAIL/,
  },
  ...guards,
];
