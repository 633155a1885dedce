import { definedBy, type Kpi } from './kpi.ts';

const shared = { definitionVersion: 1, isState: true, source: definedBy.P } as const;
const stockDimensions = ['sku', 'product', 'category', 'warehouse', 'brand'] as const;

/** Stock, as it is now. */
export const stockKpis: readonly Kpi[] = [
  {
    id: 'stock_by_state',
    name: 'Stock by state',
    ...shared,
    unit: 'count',
    direction: 'neutral',
    additivity: 'additive',
    dimensions: ['status', ...stockDimensions],
    formula:
      'Σ units by `status`: on_hand, allocated, reserved, available (on hand − allocated − reserved − damaged), incoming, damaged',
    exclusions: 'None. States overlap: never add them up.',
    compute: { kind: 'sum', of: ['stock_units'] },
  },
  {
    id: 'inventory_value',
    name: 'Inventory value',
    ...shared,
    unit: 'money',
    direction: 'neutral',
    additivity: 'additive',
    dimensions: [...stockDimensions, 'currency'],
    formula: 'Σ units on hand × unit cost',
    exclusions: 'Variants without a cost on record.',
    compute: { kind: 'sum', of: ['inventory_value'] },
  },
  {
    id: 'low_stock_skus',
    name: 'Low stock',
    ...shared,
    unit: 'count',
    direction: 'down is good',
    additivity: 'additive',
    dimensions: stockDimensions,
    formula: 'variants × warehouses with available ≤ reorder point (of the stock, else of the variant)',
    exclusions: 'Stock without a reorder point.',
    compute: { kind: 'sum', of: ['low_stock'] },
  },
];
