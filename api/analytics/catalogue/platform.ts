import { definedBy, type Kpi } from './kpi.ts';

const shared = { platformOnly: true, definitionVersion: 1, source: definedBy.P } as const;

/** The platform itself: for roles that see all brands. */
export const platformKpis: readonly Kpi[] = [
  {
    id: 'orders_per_hour',
    name: 'Orders per hour',
    ...shared,
    unit: 'ratio',
    direction: 'up is good',
    additivity: 'ratio',
    dimensions: ['channel', 'country', 'currency', 'status', 'brand'],
    formula: 'orders / hours of the bucket, up to now for a running one',
    exclusions: 'Test orders. Cancelled orders are included.',
    compute: { kind: 'per hour', numerator: ['orders'] },
  },
  {
    id: 'active_tenants',
    name: 'Active brands',
    ...shared,
    unit: 'count',
    direction: 'up is good',
    additivity: 'not additive',
    dimensions: ['channel', 'country', 'currency', 'status'],
    formula: 'brands with at least one order placed in the bucket',
    exclusions: 'Test orders. Cancelled orders are included.',
    compute: { kind: 'sum', of: ['active_tenants'] },
  },
  {
    id: 'freshness',
    name: 'Freshness',
    ...shared,
    unit: 'seconds',
    direction: 'down is good',
    additivity: 'not additive',
    dimensions: ['brand'],
    isState: true,
    formula: 'now − commit time of the newest change applied, of the brand or of all',
    exclusions: 'None. Grows while nothing is committed: `asOf.state` tells idle from lagging.',
    compute: { kind: 'ratio', numerator: ['micros_since_commit'], denominator: ['has_commit'], perUnit: 1_000_000n },
  },
];
