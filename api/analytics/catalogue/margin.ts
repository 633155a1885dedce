import { definedBy, type Kpi, returnDimensions } from './kpi.ts';

const shared = {
  dimensions: returnDimensions,
  exclusions:
    'Test orders, returns that are not refunded, and the cost of lines without a cost on record: see cost_coverage.',
  definitionVersion: 1,
} as const;

const netSales = ['gross_sales', '-discounts', '-returns'] as const;
const cogs = ['cogs', '-cogs_returned'] as const;
const grossMargin = ['gross_sales', '-discounts', '-returns', '-cogs', 'cogs_returned'] as const;

/** Margins. Not computable where no line has a cost on record. */
export const marginKpis: readonly Kpi[] = [
  {
    id: 'cogs',
    name: 'Cost of goods sold',
    ...shared,
    unit: 'money',
    direction: 'neutral',
    additivity: 'additive',
    formula: 'Σ unit cost × quantity of ordered lines − the same of returned lines',
    source: definedBy.P,
    compute: { kind: 'sum', of: cogs, needsCost: true },
  },
  {
    id: 'gross_margin',
    name: 'Gross margin',
    ...shared,
    unit: 'money',
    direction: 'up is good',
    additivity: 'additive',
    formula: 'net_sales − cogs',
    source: definedBy.S,
    compute: { kind: 'sum', of: grossMargin, needsCost: true },
  },
  {
    id: 'gross_margin_rate',
    name: 'Gross margin rate',
    ...shared,
    unit: 'ratio',
    direction: 'up is good',
    additivity: 'ratio',
    formula: 'gross_margin / net_sales',
    source: definedBy.S,
    compute: { kind: 'ratio', numerator: grossMargin, denominator: netSales, needsCost: true },
  },
  {
    id: 'cost_coverage',
    name: 'Cost coverage',
    ...shared,
    exclusions: 'Test orders and returns that are not refunded.',
    unit: 'ratio',
    direction: 'up is good',
    additivity: 'ratio',
    formula: 'net sales of lines whose cost is on record / net_sales',
    source: definedBy.P,
    compute: { kind: 'ratio', numerator: ['net_with_cost', '-returns_with_cost'], denominator: netSales },
  },
];
