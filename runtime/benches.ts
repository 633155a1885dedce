// The benches by name, each on engines of its own, and how their figures are printed.

export interface BenchResult {
  readonly name: string;
  readonly goal: unknown;
  readonly met?: boolean;
}

export type Bench = (tell: (line: string) => void) => Promise<BenchResult>;

export interface DescribedBench {
  readonly measures: string;
  readonly run: Bench;
}

/** What `uco bench` knows. A bench loads its code when it runs. */
export const benches: Readonly<Record<string, DescribedBench>> = {
  cdc: {
    measures: 'changes/s until durable in raw, and until facts show them ÷ a logical reader that discards the same log',
    run: async () => (await import('../ingestion/stream.bench.ts')).streamBench(),
  },
  freshness: {
    measures: 'commit → figure changed through the API, at 1,000 row changes/s over 50 brands for 60 s',
    run: async (tell) => (await import('../verify/freshness.bench.ts')).freshnessBench({ onProgress: tell }),
  },
  refresh: {
    measures: 'cost of refreshing the facts of changed orders with 10 times the history ÷ once',
    run: async (tell) => (await import('../transforms/refresh.bench.ts')).benchRefresh({ onProgress: tell }),
  },
  snapshot: {
    measures: 'rows/s of a snapshot ÷ COPY … TO STDOUT of the same tables',
    run: snapshotBench,
  },
  query: {
    measures: "a brand's 30-day KPI query with 10 M order lines of 200 brands; ÷ the same on Postgres",
    run: async (tell) => (await import('../api/analytics/query.bench.ts')).benchQuery({}, tell),
  },
  streams: {
    measures: 'commit → event of live figures: 1,000 streams of 50 brands at 200 row changes/s for 60 s',
    run: async (tell) => (await import('../api/analytics/live/streams.bench.ts')).streamsBench({ onProgress: tell }),
  },
  dashboards: {
    measures: 'both overviews in a real browser: scripts, first paint, settled, commit → pixel, frames at 50 orders/s',
    run: async (tell) => (await import('../verify/browser/dashboards.bench.ts')).dashboardsBench({ onProgress: tell }),
  },
  import: {
    measures: 'lines/s of import orders ÷ COPY … FROM of the rows it writes into bare tables',
    run: importBench,
  },
  demo: {
    measures: 'seeding the demo; from `npm start` on an empty store to the first answer about all of it',
    run: async (tell) => (await import('./demo/demo.bench.ts')).benchDemo(tell),
  },
  orders: {
    measures: 'orders of 3 items placed/s through HTTP ÷ the same rows by bare multi-row INSERTs on one pool',
    run: ordersBench,
  },
  start: {
    measures: '`up` on an existing store → ready; resident memory of everything, idle and during an import',
    run: async (tell) => (await import('./start.bench.ts')).benchStart(undefined, tell),
  },
};

async function snapshotBench(): Promise<BenchResult> {
  const { startTestEngines } = await import('./testing.ts');
  const { migratePostgres } = await import('../sql/migrate-postgres.ts');
  const { connectAdmin } = await import('../sql/postgres.ts');
  const { writeOrders } = await import('../ingestion/stream.bench.ts');
  const { benchSnapshot } = await import('../cdc/cdc.bench.ts');
  const engines = await startTestEngines();
  try {
    await migratePostgres(engines.postgresUrl);
    const client = await connectAdmin(engines.postgresUrl);
    await writeOrders(client, 600_000);
    await client.end();
    return await benchSnapshot({ url: engines.postgresUrl, publication: 'uco' }, 'commerce');
  } finally {
    await engines.stop();
  }
}

async function ordersBench(tell: (line: string) => void): Promise<BenchResult> {
  const { startTestEngines } = await import('./testing.ts');
  const { migratePostgres } = await import('../sql/migrate-postgres.ts');
  const { ordersBench: bench } = await import('../api/commerce/orders/orders.bench.ts');
  const engines = await startTestEngines();
  try {
    await migratePostgres(engines.postgresUrl);
    return await bench({ postgresUrl: engines.postgresUrl, onProgress: tell });
  } finally {
    await engines.stop();
  }
}

async function importBench(tell: (line: string) => void): Promise<BenchResult> {
  const { startTestEngines } = await import('./testing.ts');
  const { migratePostgres } = await import('../sql/migrate-postgres.ts');
  const { importBench: bench } = await import('../api/commerce/import/import.bench.ts');
  const engines = await startTestEngines();
  try {
    await migratePostgres(engines.postgresUrl);
    tell('importing');
    return await bench({ databaseUrl: engines.postgresUrl });
  } finally {
    await engines.stop();
  }
}
