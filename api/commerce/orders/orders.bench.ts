/**
 * What placing an order costs above storing its rows: orders of 3 items per second through HTTP, in an API process of its own, ÷ the
 * rows they left (order, items, allocations, movements, events, audit entries) written by bare multi-row INSERTs, a transaction per order,
 * on one pool of as many connections: into tables with the same columns, checks and indexes, without triggers, foreign keys and
 * row-level security. The two take turns, so that both meet the same machine.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, type RequestOptions, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { createLog } from '../../../runtime/log.ts';
import { type AdminClient, type AdminPool, connectAdmin, createAdminPool } from '../../../sql/postgres.ts';
import { mintToken } from '../../auth/token.ts';
import { startApi } from '../../listen.ts';
import { openCommerceDatabase } from '../database.ts';
import { createTenant } from '../tenants.ts';
import { type CpuTimes, cpuTimes } from './orders-cpu.bench.ts';

export interface OrdersBenchOptions {
  /** Administrative URL of a migrated Postgres. Brands are made and stay. */
  readonly postgresUrl: string;
  readonly ordersPerRound?: number;
  readonly rounds?: number;
  readonly onProgress?: (line: string) => void;
}

export interface OrdersBenchResult {
  readonly name: 'orders';
  readonly ratio: number;
  readonly ordersPerSecond: number;
  readonly bareOrdersPerSecond: number;
  readonly rowsPerOrder: number;
  readonly p99Ms: number;
  /** What an order costs each process; null where /proc does not tell. */
  readonly cpuMsPerOrder: CpuTimes | null;
  readonly goal: { readonly ratio: 0.5; readonly ordersPerSecond: 500 };
  readonly met: boolean;
}

const SECRET = 'the key of a bench, longer than 32 bytes';
const BRANDS = 10;
const VARIANTS = 200;
const CONNECTIONS = 10;
/** Buyers at once: enough that those of one brand are placed together, as they are where it matters how many there are. */
const AT_ONCE = 100;
const TABLES = ['orders', 'order_items', 'order_allocations', 'inventory_movements', 'events', 'audit_logs'] as const;

interface Shop {
  readonly token: string;
  readonly skus: readonly string[];
}

export async function ordersBench(options: OrdersBenchOptions): Promise<OrdersBenchResult> {
  const { ordersPerRound = 2_000, rounds = 5, onProgress = () => {} } = options;
  const admin = await connectAdmin(options.postgresUrl, { applicationName: 'uco bench' });
  const pool = createAdminPool(options.postgresUrl, { max: CONNECTIONS });
  const shops = await openShops(admin, options.postgresUrl);
  await makeBareTables(admin);
  const api = await startServer(options.postgresUrl);
  try {
    // Plans are made for tables that have rows, as they are in any shop.
    await placeOrders(api.url, shops, 500);
    await admin.query('ANALYZE');
    const placed: number[] = [];
    const bare: number[] = [];
    const latencies: number[] = [];
    const costs: CpuTimes[] = [];
    let rows = 0;
    for (let round = 1; round <= rounds; round++) {
      const { rows: marks } = await admin.query<{ id: string }>('SELECT uuidv7() AS id');
      const before = await cpuTimes(admin, api.pid);
      const took = await placeOrders(api.url, shops, ordersPerRound);
      const after = await cpuTimes(admin, api.pid);
      if (before !== null && after !== null) costs.push(perOrder(before, after, ordersPerRound));
      latencies.push(...took.latencies);
      placed.push(ordersPerRound / took.seconds);
      const left = await rowsSince(admin, marks[0]?.id as string);
      rows =
        left.reduce((sum, order) => sum + order.reduce((count, table) => count + table.length, 0), 0) / left.length;
      bare.push(left.length / (await writeBare(pool, left)));
      onProgress(`round ${round}: ${placed.at(-1)?.toFixed(0)} orders/s, bare ${bare.at(-1)?.toFixed(0)}`);
    }
    const ratio = median(placed.map((rate, round) => rate / (bare[round] ?? rate)));
    const ordersPerSecond = Math.round(median(placed));
    return {
      name: 'orders',
      ratio: Math.round(ratio * 100) / 100,
      ordersPerSecond,
      bareOrdersPerSecond: Math.round(median(bare)),
      rowsPerOrder: Math.round(rows * 10) / 10,
      p99Ms: Math.round(latencies.sort((a, b) => a - b)[Math.floor(latencies.length * 0.99)] ?? 0),
      cpuMsPerOrder: medianCost(costs),
      goal: { ratio: 0.5, ordersPerSecond: 500 },
      met: ratio >= 0.5 && ordersPerSecond >= 500,
    };
  } finally {
    api.stop();
    await admin.query('DROP SCHEMA IF EXISTS bench_orders CASCADE');
    await Promise.all([admin.end(), pool.end()]);
  }
}

async function openShops(admin: AdminClient, postgresUrl: string): Promise<Shop[]> {
  const database = await openCommerceDatabase(postgresUrl);
  const shops: Shop[] = [];
  for (let n = 0; n < BRANDS; n++) {
    const slug = `bench-orders-${Date.now().toString(36)}-${n}`;
    const { id } = await createTenant(database, { slug, name: slug, currency: 'EUR', timezone: 'UTC' });
    await admin.query(
      `WITH product AS (INSERT INTO commerce.products (tenant_id, name, tax_rate) VALUES ($1, 'Bench', 0.19) RETURNING id),
       variant AS (
         INSERT INTO commerce.product_variants (tenant_id, product_id, sku, unit_cost, cost_currency)
         SELECT $1, product.id, 'SKU-' || n, 4, 'EUR' FROM product, generate_series(1, $2::int) n RETURNING id
       ),
       price AS (INSERT INTO commerce.prices (tenant_id, variant_id, currency, amount) SELECT $1, id, 'EUR', 9.99 FROM variant)
       INSERT INTO commerce.inventory_movements (tenant_id, variant_id, warehouse_id, state, quantity, reason)
       SELECT $1, variant.id, w.id, 'on_hand', 100000000, 'receipt' FROM variant, commerce.warehouses w WHERE w.tenant_id = $1`,
      [id, VARIANTS],
    );
    const token = await mintToken({ role: 'operator', tenant: id, secret: SECRET });
    shops.push({ token, skus: Array.from({ length: VARIANTS }, (_, sku) => `SKU-${sku + 1}`) });
  }
  await database.close();
  await admin.query('ANALYZE');
  return shops;
}

/** The API in a process of its own: see the end of this file. */
async function startServer(postgresUrl: string): Promise<{ url: string; pid: number; stop(): void }> {
  const child = fork(fileURLToPath(import.meta.url), ['serve', postgresUrl], {
    execArgv: ['--import', import.meta.resolve('tsx')],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const [url] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('the API process ended'))),
  ])) as [string];
  return { url, pid: child.pid as number, stop: () => child.kill() };
}

async function placeOrders(url: string, shops: readonly Shop[], count: number) {
  // Connections of its own: while bare rows are written the server closes those that rest.
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  // The buyers share the machine: a URL that is read again for each request is a third of what sending costs.
  const { hostname, port } = new URL(url);
  const target = { hostname, port, path: '/api/v1/orders', method: 'POST', agent };
  const latencies: number[] = [];
  let next = 0;
  const begun = performance.now();
  const buyer = async () => {
    for (let turn = next++; turn < count; turn = next++) {
      const { token, skus } = shops[turn % shops.length] as Shop;
      const lines = Array.from({ length: 3 }, (_, line) => ({
        sku: skus[(Math.floor(turn / shops.length) * 3 + line) % skus.length],
        quantity: (turn % 3) + 1,
      }));
      const body = JSON.stringify({ currency: 'EUR', channel: 'web', country: 'DE', lines });
      const sent = performance.now();
      await post(target, token, body);
      latencies.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, buyer)).finally(() => agent.destroy());
  return { seconds: (performance.now() - begun) / 1000, latencies };
}

function post(target: RequestOptions, token: string, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const sent = request({ ...target, headers }, (response) => {
      const ok = response.statusCode === 201;
      let answer = '';
      response.on('data', (chunk) => {
        if (!ok) answer += chunk;
      });
      response.on('end', () => (ok ? resolve() : reject(new Error(`${response.statusCode}: ${answer}`))));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function makeBareTables(admin: AdminClient): Promise<void> {
  await admin.query('DROP SCHEMA IF EXISTS bench_orders CASCADE; CREATE SCHEMA bench_orders');
  for (const table of TABLES) {
    await admin.query(`CREATE TABLE bench_orders.${table} (LIKE commerce.${table} INCLUDING ALL)`);
  }
}

type Row = Readonly<Record<string, unknown>>;

/** The rows that each order placed since left, by table, as text: what a client would send. */
async function rowsSince(admin: AdminClient, mark: string): Promise<Row[][][]> {
  const owner: Record<(typeof TABLES)[number], string> = {
    orders: 'x.id',
    order_items: 'x.order_id',
    order_allocations:
      '(SELECT i.order_id FROM commerce.order_items i WHERE i.tenant_id = x.tenant_id AND i.id = x.order_item_id)',
    inventory_movements: 'x.reference_id',
    events: "(x.data ->> 'order_id')::uuid",
    // Stock entries name no order: they are dealt out below.
    audit_logs: `coalesce((x.new_values ->> 'order_id')::uuid, (x.new_values ->> 'reference_id')::uuid,
      (SELECT i.order_id FROM commerce.order_items i WHERE i.tenant_id = x.tenant_id AND i.id = (x.new_values ->> 'order_item_id')::uuid),
      CASE x.resource_type WHEN 'orders' THEN x.resource_id END)`,
  };
  const byOrder = new Map<string, Row[][]>();
  const unowned: Row[] = [];
  for (const [place, table] of TABLES.entries()) {
    const { rows } = await admin.query<{ owner: string | null; row: Row }>(
      `SELECT ${owner[table]} AS owner, to_jsonb(x) AS row FROM commerce.${table} x WHERE x.id > $1 ORDER BY x.id`,
      [mark],
    );
    for (const { owner: order, row } of rows) {
      if (order === null) unowned.push(row);
      else {
        const tables = byOrder.get(order) ?? TABLES.map(() => []);
        byOrder.set(order, tables);
        tables[place]?.push(row);
      }
    }
  }
  const orders = [...byOrder.values()].filter((tables) => tables[0]?.length === 1);
  for (const [index, row] of unowned.entries()) orders[index % orders.length]?.at(-1)?.push(row);
  return orders;
}

/** Seconds it takes to write them, AT_ONCE orders under way. */
async function writeBare(pool: AdminPool, orders: readonly Row[][][]): Promise<number> {
  await pool.query(`TRUNCATE ${TABLES.map((table) => `bench_orders.${table}`).join(', ')}`);
  let next = 0;
  const begun = performance.now();
  const writer = async () => {
    for (let turn = next++; turn < orders.length; turn = next++) {
      const client = await pool.connect();
      await client.query('BEGIN');
      for (const [place, rows] of (orders[turn] ?? []).entries()) {
        if (rows.length > 0) await client.query(insertInto(TABLES[place] as string, rows));
      }
      await client.query('COMMIT');
      client.release();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, writer));
  return (performance.now() - begun) / 1000;
}

function insertInto(table: string, rows: readonly Row[]): { text: string; values: unknown[] } {
  const columns = Object.keys(rows[0] ?? {});
  const places = rows.map(
    (_row, n) => `(${columns.map((_column, at) => `$${n * columns.length + at + 1}`).join(', ')})`,
  );
  const text = `INSERT INTO bench_orders.${table} (${columns.join(', ')}) VALUES ${places.join(', ')}`;
  return { text, values: rows.flatMap((row) => columns.map((column) => row[column])) };
}

function perOrder(before: CpuTimes, after: CpuTimes, orders: number): CpuTimes {
  const cost = (name: keyof CpuTimes) => (after[name] - before[name]) / orders;
  return { buyers: cost('buyers'), api: cost('api'), postgres: cost('postgres') };
}

function medianCost(costs: readonly CpuTimes[]): CpuTimes | null {
  const of = (name: keyof CpuTimes) => Math.round(median(costs.map((cost) => cost[name])) * 100) / 100;
  return costs.length === 0 ? null : { buyers: of('buyers'), api: of('api'), postgres: of('postgres') };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

if (process.argv[2] === 'serve' && process.send) {
  const database = await openCommerceDatabase(process.argv[3] as string, { maxConnections: CONNECTIONS });
  const api = await startApi({
    port: 0,
    host: '127.0.0.1',
    secret: SECRET,
    reader: () => null,
    commerce: () => database,
    readiness: () => ({ reasons: [] }),
    log: createLog('api', 'info'),
  });
  process.send(api.url);
  process.on('disconnect', () => process.exit());
}
