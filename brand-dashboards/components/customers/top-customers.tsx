import { useQueries } from '@tanstack/react-query';
import { type ApiProblem, api } from '../../../ui/api.ts';
import { DataTable } from '../../../ui/components/data-table.tsx';
import { Panel } from '../../../ui/components/panel.tsx';
import { formatFigure } from '../../../ui/format.ts';
import type { KpiAnswer, Row } from '../../../ui/kpi.ts';
import { useSession } from '../../../ui/session.ts';
import { texts } from '../../texts.ts';

const t = texts.customersPage;

export interface TopCustomersProps {
  readonly answer: KpiAnswer | undefined;
  readonly problem: ApiProblem | undefined;
  readonly isStale: boolean;
  readonly onPick: (customerId: string) => void;
  /** A figure was clicked. */
  readonly onFigure: (measure: string, row: Row) => void;
}

/** Who bought most. Figures know ids alone; number and name are asked of the API, which gives each role what it may see. */
export function TopCustomers({ answer, problem, isStale, onPick, onFigure }: TopCustomersProps) {
  const rows = answer?.rows ?? [];
  const people = useCustomers(rows.flatMap(({ customer_id: id }) => (id === null ? [] : [String(id)])));
  const nameOf = ({ customer_id: id }: Row) =>
    id === null ? t.guests : (people.get(String(id))?.customerNumber ?? String(id));
  const money = { id: 'net_sales', unit: 'money', currency: answer?.currency } as const;
  return (
    <Panel title={t.top} of={answer} awaited={{ rows: 10, rowHeight: 51 }} problem={problem} isStale={isStale}>
      {() => (
        <DataTable
          rows={rows}
          caption={t.top}
          empty={texts.noSales}
          keyOf={(row) => String(row.customer_id)}
          columns={[
            {
              id: 'customer',
              title: t.customer,
              cell: (row) => (
                <>
                  <button type="button" className="figure-link" onClick={() => onPick(String(row.customer_id ?? ''))}>
                    {nameOf(row)}
                  </button>
                  <span className="cell-note">{people.get(String(row.customer_id))?.contacts?.[0]?.name}</span>
                </>
              ),
              value: nameOf,
            },
            {
              id: 'net_sales',
              title: t.netSales,
              isNumber: true,
              cell: (row) => (
                <button type="button" className="figure-link" onClick={() => onFigure('net_sales', row)}>
                  {formatFigure(row.net_sales, money)}
                </button>
              ),
              value: (row) => row.net_sales,
            },
            {
              id: 'orders',
              title: t.orders,
              isNumber: true,
              cell: (row) => formatFigure(row.orders, { id: 'orders', unit: 'count' }),
              value: (row) => row.orders,
            },
            {
              id: 'aov',
              title: t.aov,
              isNumber: true,
              cell: (row) => formatFigure(row.aov, money),
              value: (row) => row.aov,
            },
          ]}
        />
      )}
    </Panel>
  );
}

interface Customer {
  readonly customerNumber: string;
  /** Absent for those who may not see them. */
  readonly contacts?: readonly { readonly name: string | null }[];
}

function useCustomers(ids: readonly string[]): ReadonlyMap<string, Customer> {
  const mayRead = useSession()?.permissions.includes('commerce.read') ?? false;
  const found = useQueries({
    queries: ids.map((id) => ({
      queryKey: ['customer', id],
      queryFn: () => api<Customer>(`/api/v1/customers/${id}`),
      enabled: mayRead,
      staleTime: 300_000,
      retry: false,
    })),
  });
  return new Map(ids.flatMap((id, i) => (found[i]?.data ? [[id, found[i].data]] : [])));
}
