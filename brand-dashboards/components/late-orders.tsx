import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ApiProblem, api } from '../../ui/api.ts';
import { type Column, DataTable } from '../../ui/components/data-table.tsx';
import { Panel } from '../../ui/components/panel.tsx';
import { download, toCsv } from '../../ui/csv.ts';
import { formatFigure, NO_FIGURE } from '../../ui/format.ts';
import type { KpiAnswer, KpiQuery, Row } from '../../ui/kpi.ts';
import { type PageState, queryParts } from '../../ui/page-state.ts';
import { texts as kit } from '../../ui/texts.ts';
import { useAgainWhen } from '../../ui/use-again-when.ts';
import { useChoice } from '../../ui/use-choice.ts';
import { texts } from '../texts.ts';
import { OrderLink } from './order-link.tsx';

const VIEWS = ['open', 'delivered'] as const;
const MOST = 200;

/** Per order, so that the mean is the order's own. */
const LATENESS = { open: 'avg_overdue', delivered: 'avg_lateness' } as const;

function queryOf(view: (typeof VIEWS)[number], state: PageState): KpiQuery {
  const { timeRange, filters = [] } = queryParts(state);
  const lateness = LATENESS[view];
  return {
    measures: [view === 'open' ? 'overdue_orders' : 'late_deliveries', lateness],
    ...(view === 'open' ? {} : { timeRange }),
    dimensions: ['order_number', 'status', 'warehouse', 'channel', 'country', 'days_late'],
    filters: [...filters, { dimension: 'days_late', op: 'not_in', values: ['0', null] }],
    orderBy: [{ by: lateness, direction: 'desc' }],
    limit: MOST,
  };
}

export interface LateOrdersProps {
  readonly state: PageState;
  /** What the page's one stream counts. */
  readonly moved: number;
  readonly isStale: boolean;
}

/** Orders past their promise, the latest first: those still open now, or those delivered late in the period. */
export function LateOrders({ state, moved, isStale }: LateOrdersProps) {
  const [view, setView] = useChoice('late', VIEWS);
  const query = queryOf(view, state);
  const { data, error, isPlaceholderData, refetch } = useQuery({
    queryKey: ['late-orders', query],
    queryFn: ({ signal }) => api<KpiAnswer>('/api/v1/kpis/query', { method: 'POST', body: query, signal }),
    placeholderData: keepPreviousData,
    retry: false,
  });
  useAgainWhen(moved, refetch);
  const rows = data?.rows ?? [];
  const columns = columnsOf(LATENESS[view]);
  return (
    <Panel
      title={texts.lateOrders}
      tools={
        <>
          <fieldset className="segmented">
            <legend className="visually-hidden">{texts.lateOrders}</legend>
            {VIEWS.map((one) => (
              <button key={one} type="button" aria-pressed={view === one} onClick={() => setView(one)}>
                {texts.lateViews[one]}
              </button>
            ))}
          </fieldset>
          <button
            type="button"
            className="text-button"
            onClick={() => download(`late-orders-${view}.csv`, toCsv(rows, columns))}
          >
            {kit.downloadCsv}
          </button>
        </>
      }
      id="late-orders"
      of={data}
      awaited={{ rows: 8 }}
      problem={error as ApiProblem | null}
      retry={() => void refetch()}
      isStale={isPlaceholderData || isStale}
    >
      {() => (
        <>
          <DataTable
            rows={rows}
            columns={columns}
            caption={texts.lateOrders}
            maxHeight={520}
            empty={texts.noneLate[view]}
            keyOf={({ order_number }) => String(order_number)}
          />
          {rows.length === MOST ? <p className="table-note">{texts.latestOnly(MOST)}</p> : null}
        </>
      )}
    </Panel>
  );
}

function columnsOf(lateness: string): Column<Row>[] {
  const plain = (id: string, title: string): Column<Row> => ({
    id,
    title,
    cell: (row) => row[id] ?? NO_FIGURE,
    value: (row) => row[id],
  });
  return [
    { ...plain('order_number', texts.order), cell: ({ order_number }) => <OrderLink number={String(order_number)} /> },
    {
      id: 'late',
      title: texts.late,
      isNumber: true,
      cell: (row) => (
        <span className="pill number" data-tone={Number(row[lateness]) > 72 ? 'bad' : 'warn'}>
          {formatFigure(row[lateness], { id: lateness, unit: 'hours' })}
        </span>
      ),
      value: (row) => row[lateness],
    },
    {
      ...plain('status', texts.status),
      cell: ({ status }) => texts.statuses[status as keyof typeof texts.statuses] ?? status,
    },
    plain('warehouse', texts.warehouse),
    plain('channel', texts.channel),
    plain('country', texts.country),
  ];
}
