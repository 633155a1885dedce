import type { Grain } from '../api/analytics/buckets.ts';
import type { Dimension, Kpi } from '../api/analytics/catalogue/kpi.ts';
import { catalogue } from '../api/analytics/catalogue.ts';
import { component } from '../api/analytics/components.ts';
import { componentsOf } from '../api/analytics/formula-sql.ts';

/** One statement to be asked of the marts: measures that share buckets and slices. */
export interface KpiQuestion {
  readonly measures: readonly Kpi[];
  readonly grain: Grain | null;
  readonly dimensions: readonly Dimension[];
  /** The oracle's name for these dimensions. */
  readonly oracleDimension: string;
}

/** Not a function of Postgres' rows: it is the commit time of the stream's newest change, which no row holds. */
const notComparable = new Set(['freshness']);

/**
 * What a brand is asked, and what the platform: a statement of all measures costs ClickHouse 0.3 s to plan alone, so each
 * grain and dimension is asked where it tells most, and every one of them somewhere.
 */
const asked = {
  brand: {
    grains: ['month', 'day'],
    dimensions: [
      'country',
      'channel',
      'currency',
      'sku',
      'category',
      'warehouse',
      'delivery_days',
      'age_days',
      'customer_id',
      'months_since_first',
    ],
  },
  platform: {
    grains: ['year', 'quarter', 'month', 'week', 'day'],
    dimensions: ['brand', 'country', 'status', 'product', 'sku', 'warehouse', 'currency', 'ship_days', 'days_late'],
  },
} as const satisfies Record<string, { grains: readonly Grain[]; dimensions: readonly Dimension[] }>;

/** Figures per hour name every bucket in the statement, so they are asked over the years that hold data. */
export function perHour(kpi: Kpi): boolean {
  return kpi.compute.kind === 'per hour';
}

/** Everything that is compared for a brand, or for the platform as a whole. */
export function kpiQuestions(isPlatform: boolean): KpiQuestion[] {
  const { grains, dimensions } = asked[isPlatform ? 'platform' : 'brand'];
  const measures = catalogue.filter((kpi) => !notComparable.has(kpi.id) && (isPlatform || kpi.platformOnly !== true));
  const plain = measures.filter(({ id, platformOnly }) => id !== 'stock_by_state' && platformOnly !== true);
  const timed = plain.filter((kpi) => kpi.isState !== true);
  const platformOnly = measures.filter((kpi) => kpi.platformOnly === true);
  const questions: KpiQuestion[] = [
    { measures: plain, grain: null, dimensions: [], oracleDimension: '' },
    ...grains.map((grain) => ({ measures: timed, grain, dimensions: [], oracleDimension: '' })),
    ...(['month', 'week', 'day'] as const).map((grain) => ({
      measures: platformOnly,
      grain,
      dimensions: [],
      oracleDimension: '',
    })),
    ...dimensions.map((dimension) => byDimension(plain, dimension)),
    { ...byDimension(timed.filter(isOfSales), 'country'), grain: 'month' },
    { measures: timed.filter(isOfSales), grain: 'hour', dimensions: [], oracleDimension: '' },
    byCohort(plain),
    ...byState(measures, dimensions),
  ];
  return questions.flatMap(bySource).filter((question) => question.measures.length > 0);
}

const ofSales: ReadonlySet<string> = new Set(['orders', 'returns', 'adjustments', 'returns of orders']);

/** Measures of the same sources together: a statement over all sources costs several times what its parts do. */
function bySource(question: KpiQuestion): KpiQuestion[] {
  const groups = new Map<string, Kpi[]>();
  for (const kpi of question.measures) {
    const [first = 'orders'] = componentsOf(kpi).map((id) => component(id).source);
    const group = first.startsWith('cohort') ? 'cohorts' : ofSales.has(first) ? 'sales' : first;
    groups.set(group, [...(groups.get(group) ?? []), kpi]);
  }
  return [...groups.values()].map((measures) => ({ ...question, measures }));
}

function byDimension(measures: readonly Kpi[], dimension: Dimension): KpiQuestion {
  const having = measures.filter((kpi) => kpi.dimensions.includes(dimension));
  return { measures: having, grain: null, dimensions: [dimension], oracleDimension: dimension };
}

/** Every cell of the cohorts' table. */
function byCohort(measures: readonly Kpi[]): KpiQuestion {
  const having = measures.filter((kpi) => kpi.dimensions.includes('cohort_month'));
  const dimensions = ['cohort_month', 'months_since_first'] as const;
  return { measures: having, grain: null, dimensions, oracleDimension: dimensions.join('/') };
}

/** Those whose oracle is sales.sql: additive sales and their ratios. */
function isOfSales(kpi: Kpi): boolean {
  return kpi.dimensions.includes('sku') && kpi.id !== 'return_rate_units_cohort';
}

/** Stock by state has the state in every row. */
function byState(measures: readonly Kpi[], dimensions: readonly Dimension[]): KpiQuestion[] {
  const stock = measures.filter(({ id }) => id === 'stock_by_state');
  const having = dimensions.filter((one) => one !== 'status' && stock.some((kpi) => kpi.dimensions.includes(one)));
  return [null, ...having].map((dimension) => ({
    measures: stock,
    grain: null,
    dimensions: dimension === null ? ['status'] : [dimension, 'status'],
    oracleDimension: `${dimension ?? ''}+status`,
  }));
}
