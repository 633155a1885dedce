// What a page shows is in its URL: period, comparison, grain, filters. Back works, and a pasted link shows the same.
import type { Grain, KpiFilter, KpiQuery } from './kpi.ts';

export const PRESETS = {
  today: 'Today',
  yesterday: 'Yesterday',
  last_7_days: 'Last 7 days',
  last_30_days: 'Last 30 days',
  month_to_date: 'Month to date',
  last_12_months: 'Last 12 months',
  year_to_date: 'Year to date',
} as const;
export type Preset = keyof typeof PRESETS;

export const COMPARISONS = {
  previous_period: 'Previous period',
  previous_year: 'Previous year',
  none: 'No comparison',
} as const;
export type Comparison = keyof typeof COMPARISONS;

export interface PageState {
  readonly period: Preset | 'custom';
  /** Days of the brand's zone, `from` inclusive, `to` exclusive; with `custom`. */
  readonly from?: string;
  readonly to?: string;
  readonly compare: Comparison;
  readonly grain?: Grain;
  /** `channel:web`, repeated. */
  readonly filter: readonly string[];
}

export const defaultState: PageState = { period: 'last_30_days', compare: 'previous_period', filter: [] };

/** Reads what a URL says; what it says wrongly is left out. */
export function pageStateOf(search: Record<string, unknown>): PageState {
  const day = (value: unknown) => (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) ? value : undefined);
  const [from, to] = [day(search.from), day(search.to)];
  const isPreset = typeof search.period === 'string' && Object.hasOwn(PRESETS, search.period);
  const isCustom = search.period === 'custom' && from !== undefined && to !== undefined && from < to;
  const isComparison = typeof search.compare === 'string' && Object.hasOwn(COMPARISONS, search.compare);
  const filter = (Array.isArray(search.filter) ? search.filter : [search.filter]).filter(
    (one): one is string => typeof one === 'string' && one.includes(':'),
  );
  return {
    period: isCustom ? 'custom' : isPreset ? (search.period as Preset) : defaultState.period,
    ...(isCustom ? { from, to } : {}),
    compare: isComparison ? (search.compare as Comparison) : defaultState.compare,
    ...(isGrain(search.grain) ? { grain: search.grain } : {}),
    filter,
  };
}

const isGrain = (value: unknown): value is Grain =>
  typeof value === 'string' && ['hour', 'day', 'week', 'month', 'quarter', 'year'].includes(value);

/** The parts of a KPI query that a page's state decides. */
export function queryParts(state: PageState): Pick<KpiQuery, 'timeRange' | 'compareTo' | 'filters'> {
  const { period, from = '', to = '', compare } = state;
  return {
    timeRange: period === 'custom' ? { from, to } : { preset: period },
    ...(compare === 'none' ? {} : { compareTo: compare }),
    ...(state.filter.length > 0 ? { filters: filtersOf(state.filter) } : {}),
  };
}

/** The grain that gives a series of 7 to 120 points. */
export function grainOf(state: PageState): Grain {
  if (state.grain) return state.grain;
  if (state.period === 'today' || state.period === 'yesterday') return 'hour';
  if (state.period === 'year_to_date' || state.period === 'last_12_months') return 'week';
  if (state.period !== 'custom') return 'day';
  const days = (Date.parse(state.to ?? '') - Date.parse(state.from ?? '')) / 86_400_000;
  return days <= 2 ? 'hour' : days <= 120 ? 'day' : days <= 800 ? 'week' : 'month';
}

export function filtersOf(texts: readonly string[]): KpiFilter[] {
  const byDimension = new Map<string, (string | null)[]>();
  for (const text of texts) {
    const colon = text.indexOf(':');
    const [dimension, value] = [text.slice(0, colon), text.slice(colon + 1)];
    byDimension.set(dimension, [...(byDimension.get(dimension) ?? []), value === '' ? null : value]);
  }
  return [...byDimension].map(([dimension, values]) => ({ dimension, op: 'in', values }));
}
