import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ImportSession } from './import-session.ts';
import { type ImportBench, startImportBench } from './testing.ts';

let bench: ImportBench;
beforeAll(async () => {
  bench = await startImportBench();
});
afterAll(() => bench?.stop());

const HEADER = 'order_id,placed_at,sku,quantity,unit_price';

/** Two chunks; only the second has the sku GONE. */
function twoChunks(): string {
  const rows = [HEADER];
  for (let order = 10_000; order < 16_000; order++)
    for (let line = 0; line < 4; line++) rows.push(`${order},2024-03-01T10:00:00,S${line},1,1.25`);
  rows.push('99999,2024-03-01T10:00:00,GONE,1,1.25');
  return `${rows.join('\n')}\n`;
}

describe('lines written without asking for their references one by one', () => {
  // Red when an insert vouches for variants that nobody holds.
  it('never refer to a product that was deleted meanwhile', async () => {
    await bench.admin.query(`
      CREATE FUNCTION delete_variant() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
      BEGIN
        WITH variant AS (DELETE FROM commerce.product_variants WHERE sku = 'GONE' RETURNING product_id)
        DELETE FROM commerce.products WHERE id IN (SELECT product_id FROM variant);
        RETURN NULL;
      END $$;
      CREATE TRIGGER delete_variant AFTER INSERT ON commerce.audit_logs FOR EACH ROW
        WHEN (new.resource_type = 'import' AND new.new_values ->> 'step' = 'orders') EXECUTE FUNCTION delete_variant()`);
    try {
      await expect(bench.import(twoChunks(), { tenant: 'deleted' })).rejects.toMatchObject({ code: '23503' });
    } finally {
      await bench.admin.query('DROP TRIGGER delete_variant ON commerce.audit_logs');
    }
    const orphans = `SELECT count(*)::int AS lines FROM commerce.order_items i
      WHERE NOT EXISTS (SELECT FROM commerce.product_variants v WHERE v.id = i.variant_id)`;
    expect(await bench.rows(orphans)).toEqual([{ lines: 0 }]);
    expect(await bench.rows('SELECT count(*)::int AS lines FROM commerce.order_items')).toEqual([{ lines: 20_000 }]);
    // The next import finds the product missing and makes it anew.
    expect(await bench.import(twoChunks(), { tenant: 'deleted' })).toMatchObject({ ok: true, imported: true });
    expect(await bench.rows(orphans)).toEqual([{ lines: 0 }]);
  });

  it('are still bound by row-level security, and what follows them by foreign keys', async () => {
    await bench.import(`${HEADER}\n1,2024-03-01T10:00:00,A,1,1\n`, { tenant: 'mine' });
    await bench.import(`${HEADER}\n1,2024-03-01T10:00:00,A,1,1\n`, { tenant: 'foreign' });
    const [mine] = await bench.stored(
      'mine',
      'SELECT tenant_id AS id, order_id FROM commerce.order_items WHERE tenant_id = $brand',
    );
    const [foreign] = await bench.stored('foreign', 'SELECT $brand AS id');
    const session = await ImportSession.open(bench.url);
    const insert = `INSERT INTO commerce.order_items (tenant_id, id, order_id, line_no, variant_id, sku, quantity, unit_price, discount, tax, shipping)
      VALUES ($1, uuidv7(), $2, 7, uuidv7(), 'A', 1, 1, 0, 0, 0)`;
    const within = <T>(work: () => Promise<T>) =>
      session.transaction({ slug: 'mine', id: String(mine?.id) }, String(mine?.id), work);
    try {
      await expect(within(() => session.writeProven(insert, [foreign?.id, mine?.order_id]))).rejects.toThrow(
        'row-level security',
      );
      const afterwards = within(async () => {
        await session.writeProven('DELETE FROM commerce.order_items WHERE false');
        await session.write(insert, [mine?.id, mine?.order_id]);
      });
      await expect(afterwards).rejects.toMatchObject({ code: '23503' });
      expect(await session.query('SELECT current_user::text AS role')).toEqual([{ role: 'uco_app' }]);
    } finally {
      await session.close();
    }
  });
});
