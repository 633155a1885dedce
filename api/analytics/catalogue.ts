import { cohortKpis, customerKpis } from './catalogue/customers.ts';
import { fulfilmentKpis } from './catalogue/fulfilment.ts';
import type { Kpi } from './catalogue/kpi.ts';
import { marginKpis } from './catalogue/margin.ts';
import { platformKpis } from './catalogue/platform.ts';
import { salesKpis } from './catalogue/sales.ts';
import { stockKpis } from './catalogue/stock.ts';

/** Every KPI there is: the API's allow-list, the labels of dashboards and the list that `verify` goes through. */
export const catalogue: readonly Kpi[] = [
  ...salesKpis,
  ...marginKpis,
  ...customerKpis,
  ...cohortKpis,
  ...stockKpis,
  ...fulfilmentKpis,
  ...platformKpis,
];

const byId = new Map(catalogue.map((kpi) => [kpi.id, kpi]));

export const kpiIds = [...byId.keys()] as [string, ...string[]];

/** The KPI of an id from the catalogue. Throws for any other. */
export function kpi(id: string): Kpi {
  const found = byId.get(id);
  if (found === undefined) throw new Error(`no KPI "${id}" in the catalogue`);
  return found;
}
