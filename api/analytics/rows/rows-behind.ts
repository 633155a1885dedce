// What stands behind a figure: which rows it is made of, and whether they add up to it.
import type { Dimension, Kpi } from '../catalogue/kpi.ts';
import { component } from '../components.ts';
import { componentsOf } from '../formula-sql.ts';
import { type SourceId, sources } from '../sources.ts';

const ofCustomers: ReadonlySet<SourceId> = new Set([
  'buyers',
  'first orders',
  'cohorts',
  'cohort months',
  'cohort orders',
  'cohort values',
]);

/**
 * The dimensions whose values are the rows behind a KPI: orders, for customer KPIs customers, for stock variants in warehouses,
 * for what counts brands those. Empty where there are none. A figure is made of the components of these rows, and so are its
 * parts: they add up to it, exactly, unless `addsUp` says otherwise.
 */
export function rowsBehind(kpi: Kpi): readonly Dimension[] {
  if (kpi.id === 'active_tenants') return ['brand'];
  const ids = componentsOf(kpi).map((id) => component(id).source);
  const used = ids.map((id) => sources[id].dimensions);
  const all = (...wanted: Dimension[]) =>
    used.every((dimensions) => wanted.every((one) => dimensions[one] !== undefined));
  if (ids.every((id) => ofCustomers.has(id))) return ['customer_id'];
  if (all('order_number')) return ['order_number'];
  // A variant in two warehouses is one.
  if (kpi.id === 'stocked_skus') return ['sku'];
  if (all('sku', 'warehouse'))
    return kpi.id === 'stock_by_state' ? ['status', 'sku', 'warehouse'] : ['sku', 'warehouse'];
  return [];
}

/** False for percentiles: they are a place among their rows, not a sum. */
export function addsUp(kpi: Kpi): boolean {
  return !componentsOf(kpi).some((id) => /_p\d\d$/.test(id));
}
