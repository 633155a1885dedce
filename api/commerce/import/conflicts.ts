import type { CanonicalColumn } from './canonical-columns.ts';
import type { ImportSession } from './import-session.ts';
import { PROBLEMS_SHOWN, type ProblemList } from './problem.ts';

/**
 * What is stored is never overwritten by a file: it may have been corrected since. Lines that are stored with other values are
 * counted and shown. An empty cell contradicts nothing.
 */
const compared = (from: string, columns: Record<string, [file: string, stored: string]>, where: string) => `
  SELECT l.line, v.name, v.file, v.stored
  FROM ${from}
  CROSS JOIN LATERAL (VALUES ${Object.entries(columns)
    .map(([name, [file, stored]]) => `('${name}', (${file})::text, (${stored})::text)`)
    .join(', ')}) v (name, file, stored)
  WHERE l.brand = $2 AND l.chunk = $3 AND ${where} AND v.file IS NOT NULL
    -- Most lines are alike: compare them whole first.
    AND (${Object.values(columns)
      .map(([file, stored]) => `coalesce(${file} <> ${stored}, ${file} IS NOT NULL AND ${stored} IS NULL)`)
      .join(' OR ')})
    AND v.file IS DISTINCT FROM v.stored`;

const ORDERS = compared(
  `import_orders l JOIN commerce.orders o ON o.tenant_id = $1 AND o.id = l.id
     LEFT JOIN commerce.customers c ON c.tenant_id = $1 AND c.id = o.customer_id`,
  {
    customer_id: ['l.customer', 'c.customer_number'],
    currency: ['l.currency', 'o.currency::text'],
    channel: ['l.channel', 'o.channel'],
    country: ['l.country', 'o.country'],
    // Rows that came with an earlier file may be earlier.
    placed_at: ['least(l.placed_at, o.placed_at)', 'o.placed_at'],
    promised_at: ['l.promised_at', 'o.promised_at'],
  },
  'l.existed',
);

const amounts: Record<string, [string, string]> = {
  sku: ['l.sku', 'i.sku'],
  quantity: ['abs(l.quantity)', 'i.quantity'],
  unit_cost: ['l.unit_cost', 'i.unit_cost'],
};

const ITEMS = compared(
  `import_lines l JOIN import_orders o ON o.brand = l.brand AND o.chunk = l.chunk AND o.order_id = l.order_id
     JOIN commerce.order_items i ON i.tenant_id = $1 AND i.order_id = o.id AND i.line_no = l.line_no`,
  {
    ...amounts,
    unit_price: ['l.unit_price', 'i.unit_price'],
    discount: ['l.discount', 'i.discount'],
    tax: ['l.tax', 'i.tax'],
    shipping: ['l.shipping', 'i.shipping'],
  },
  `l.type = 'sale' AND l.reason IS NULL`,
);

const RETURN_ITEMS = compared(
  `import_lines l JOIN import_returns r ON r.brand = l.brand AND r.chunk = l.chunk AND r.order_id = l.order_id
       AND r.placed_at = l.placed_at
     JOIN commerce.return_items i ON i.tenant_id = $1 AND i.return_id = r.id AND i.line_no = l.line_no`,
  { ...amounts, unit_price: ['l.unit_price * abs(l.quantity)', 'i.amount::numeric'] },
  `l.type = 'return' AND l.reason IS NULL`,
);

const ADJUSTMENTS = compared(
  `import_lines l JOIN commerce.adjustments a ON a.tenant_id = $1 AND a.adjustment_number = l.order_id AND a.line_no = l.line_no`,
  { unit_price: ['l.unit_price * l.quantity', 'a.amount::numeric'], placed_at: ['l.placed_at', 'a.adjusted_at'] },
  `l.type = 'adjustment' AND l.reason IS NULL`,
);

export const CONFLICTS = { orders: [ORDERS, ITEMS], returns: [RETURN_ITEMS], adjustments: [ADJUSTMENTS] } as const;

/** Adds a chunk's conflicts to the list. Within the chunk's transaction. */
export async function findConflicts(
  session: ImportSession,
  statements: readonly string[],
  brand: { id: string; slug: string },
  chunk: number,
  headerOf: (column: CanonicalColumn) => string,
  conflicts: ProblemList,
): Promise<void> {
  for (const statement of statements) {
    const rows = await session.query<{
      line: number;
      name: CanonicalColumn;
      file: string;
      stored: string | null;
      all: string;
    }>(`SELECT *, count(*) OVER () AS all FROM (${statement}) d ORDER BY line LIMIT ${PROBLEMS_SHOWN}`, [
      brand.id,
      brand.slug,
      chunk,
    ]);
    for (const { line, name, file, stored } of rows) {
      const message = `${name} is ${file} in the file and ${stored ?? 'empty'} in the store, which was left as it is`;
      conflicts.add({ line, column: headerOf(name), code: 'conflict', message });
    }
    conflicts.countMore('conflict', Number(rows[0]?.all ?? 0) - rows.length);
  }
}
