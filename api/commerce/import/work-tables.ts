import type { ImportSession } from './import-session.ts';

/** Lines of one order are never split; this many lines or a little more go into one transaction. */
export const CHUNK_LINES = 20_000;

/**
 * Lines with their number in the order and the chunk they are written with. Lines of an order follow each other here,
 * however they are strewn over the file. A line's number defaults to its ordinal among all rows of its order_id, bad
 * ones included: repairing a bad line later renumbers nothing.
 */
const LINES = `
  CREATE TEMPORARY TABLE import_lines AS
  SELECT record, line, brand, reason, order_id, type, coalesce(line_no, ordinal) AS line_no, ordinal,
    ((position - ordinal) / ${CHUNK_LINES})::integer AS chunk,
    placed_at, customer, sku, product_name, category, quantity, unit_price, discount, tax, shipping, unit_cost, currency,
    channel, country, status, promised_at, shipped_at, delivered_at
  FROM (
    SELECT s.*,
      (row_number() OVER (PARTITION BY brand, order_id ORDER BY record))::integer AS ordinal,
      row_number() OVER (PARTITION BY brand ORDER BY order_id, record) AS position
    FROM import_staged s
  ) numbered`;

const ENTITIES = `
  CREATE TEMPORARY TABLE import_customers (
    brand text COLLATE "C", customer text COLLATE "C", id uuid, existed boolean, country text, first_at timestamptz);
  CREATE TEMPORARY TABLE import_skus (
    brand text COLLATE "C", sku text COLLATE "C", variant_id uuid, product_id uuid, existed boolean, name text, category text,
    unit_cost numeric(19, 4), cost_currency text, first_at timestamptz);
  CREATE TEMPORARY TABLE import_orders (
    brand text COLLATE "C", chunk integer, order_id text COLLATE "C", id uuid, existed boolean, id_time text,
    placed_at timestamptz, customer text COLLATE "C", currency text, status text, channel text, country text,
    promised_at timestamptz, shipped_at timestamptz, delivered_at timestamptz, line integer);
  CREATE TEMPORARY TABLE import_returns (
    brand text COLLATE "C", chunk integer, order_id text COLLATE "C", placed_at timestamptz, id uuid, existed boolean,
    id_time text, number text, linked_order uuid, customer text COLLATE "C", currency text, channel text, country text,
    line integer);
  CREATE TEMPORARY TABLE import_movements (
    brand text COLLATE "C", id uuid, existed boolean, reference_id uuid, variant_id uuid, quantity integer,
    moved_at timestamptz, note text, record integer, line integer, opening boolean);
  -- Lines of one kind crowd into few chunks, which no estimate foresees: without these a join may become a loop over all pairs.
  CREATE INDEX ON import_customers (brand, customer);
  CREATE INDEX ON import_skus (brand, sku);
  CREATE INDEX ON import_orders (brand, chunk, order_id);
  CREATE INDEX ON import_returns (brand, chunk, order_id);`;

const TABLES = ['lines', 'customers', 'skus', 'orders', 'returns', 'movements'];

/** Numbers the staged lines and makes room for what is derived from them. */
export async function createWorkTables(session: ImportSession): Promise<void> {
  await session.query(LINES);
  await session.query('DROP TABLE import_staged');
  await session.query(ENTITIES);
  await session.query('CREATE INDEX ON import_lines (brand, chunk); ANALYZE import_lines');
}

/** From here on a transaction sees its own brand's lines only. COPY refuses tables under such a policy, hence so late. */
export async function isolateBrands(session: ImportSession): Promise<void> {
  for (const table of TABLES) {
    await session.query(`
      ALTER TABLE import_${table} ENABLE ROW LEVEL SECURITY;
      ALTER TABLE import_${table} FORCE ROW LEVEL SECURITY;
      CREATE POLICY own_brand ON import_${table} USING (brand = current_setting('app.import_brand', true))`);
  }
}
