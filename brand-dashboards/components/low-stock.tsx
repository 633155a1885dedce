import { useMemo } from 'react';
import type { ApiProblem } from '../../ui/api.ts';
import { useCatalogue } from '../../ui/catalogue.ts';
import { type Column, DataTable } from '../../ui/components/data-table.tsx';
import { Definition } from '../../ui/components/definition.tsx';
import { Panel } from '../../ui/components/panel.tsx';
import { download, toCsv } from '../../ui/csv.ts';
import { dayAfter, formatDay } from '../../ui/days.ts';
import { formatFigure, NO_FIGURE } from '../../ui/format.ts';
import type { KpiAnswer, Row } from '../../ui/kpi.ts';
import { texts as kit } from '../../ui/texts.ts';
import { useChoice, useSearchText } from '../../ui/use-choice.ts';
import { texts } from '../texts.ts';
import { FigureButton } from './figure-button.tsx';

export interface LowStockProps {
  readonly answer: KpiAnswer | undefined;
  readonly problem: ApiProblem | undefined;
  readonly isStale: boolean;
  readonly onPick: (sku: string) => void;
  /** Shows what is behind a figure. */
  readonly onFigure: (measure: string, row: Row) => void;
}

const VIEWS = ['low', 'soon', 'out', 'all'] as const;
const SOON_DAYS = 14;

/** A SKU in a warehouse, and when it runs out at the rate of the last weeks. */
interface Stock {
  readonly row: Row;
  readonly available: number;
  /** Days it lasts; null when nothing goes. */
  readonly days: number | null;
  /** `2026-12-04` in the brand's zone. */
  readonly runsOut: string | null;
}

/** What runs out, and on which day of the brand's zone. View and order are in the URL. */
export function LowStock({ answer, problem, isStale, onPick, onFigure }: LowStockProps) {
  const [view, setView] = useChoice('stock', VIEWS);
  const [sort, setSort] = useSearchText('sort');
  const catalogue = useCatalogue();
  const stocks = useMemo(() => stocksOf(answer), [answer]);
  const columns = columnsOf((id) => catalogue.get(id)?.name ?? id, onFigure);
  const shown = sorted(
    stocks.filter((stock) => isIn(view, stock)),
    columns,
    sort,
  );
  const definition = catalogue.get('days_of_inventory');
  return (
    <Panel
      title={texts.runningOut}
      note={definition ? <Definition kpi={definition} /> : null}
      tools={
        <>
          <fieldset className="segmented">
            <legend className="visually-hidden">{texts.runningOut}</legend>
            {VIEWS.map((one) => (
              <button key={one} type="button" aria-pressed={view === one} onClick={() => setView(one)}>
                {texts.stockViews[one]}{' '}
                <span className="number">{answer ? stocks.filter((stock) => isIn(one, stock)).length : ''}</span>
              </button>
            ))}
          </fieldset>
          <button
            type="button"
            className="text-button"
            onClick={() => download('stock-running-out.csv', toCsv(shown, columns))}
          >
            {kit.downloadCsv}
          </button>
        </>
      }
      id="low-stock"
      of={answer}
      awaited={{ rows: 10 }}
      problem={problem}
      isStale={isStale}
    >
      {() => (
        <DataTable
          rows={shown}
          columns={columns}
          caption={texts.runningOut}
          maxHeight={520}
          empty={stocks.length === 0 ? texts.noStock : texts.noneRunningOut}
          keyOf={({ row }) => `${row.sku} ${row.warehouse}`}
          onRow={({ row }) => onPick(String(row.sku))}
          sort={{
            by: sort.replace(/^-/, '') || 'days_of_inventory',
            direction: sort.startsWith('-') ? 'desc' : 'asc',
          }}
          onSort={(by) => setSort(sort === by || (sort === '' && by === 'days_of_inventory') ? `-${by}` : by)}
        />
      )}
    </Panel>
  );
}

function stocksOf(answer: KpiAnswer | undefined): Stock[] {
  const now = new Date();
  return (answer?.rows ?? [])
    .filter(({ sku }) => sku !== null)
    .map((row) => {
      const available = Number(row.available_units);
      const days = row.days_of_inventory === null ? null : Number(row.days_of_inventory);
      const ends = days === null ? null : dayAfter(now, Math.min(Math.max(days, 0), 36_500), answer?.timezone ?? 'UTC');
      return { row, available, days, runsOut: ends };
    });
}

function isIn(view: (typeof VIEWS)[number], { row, available, days }: Stock): boolean {
  if (view === 'low') return Number(row.low_stock_skus) > 0;
  if (view === 'out') return available <= 0;
  return view === 'all' || (days !== null && days <= SOON_DAYS);
}

function sorted(stocks: Stock[], columns: readonly Column<Stock>[], sort: string): Stock[] {
  const [by, isDescending] = [sort.replace(/^-/, '') || 'days_of_inventory', sort.startsWith('-')];
  const column = columns.find(({ id }) => id === by);
  if (column === undefined) return stocks;
  const key = (stock: Stock) => {
    const value = column.value(stock);
    return value === null || value === undefined ? null : column.isNumber ? Number(value) : String(value);
  };
  // What has no figure comes last in either direction.
  return stocks.sort((left, right) => {
    const [a, b] = [key(left), key(right)];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    const sign = a < b ? -1 : a > b ? 1 : 0;
    return isDescending ? -sign : sign;
  });
}

function columnsOf(name: (id: string) => string, onFigure: LowStockProps['onFigure']): Column<Stock>[] {
  const plain = (id: string, title: string): Column<Stock> => ({
    id,
    title,
    cell: ({ row }) => row[id] ?? NO_FIGURE,
    value: ({ row }) => row[id],
  });
  const figure = (id: string, unit: 'count' | 'ratio' | 'days'): Column<Stock> => ({
    id,
    title: name(id),
    isNumber: true,
    cell: ({ row }) => (
      <FigureButton
        text={formatFigure(row[id], { id, unit })}
        onOpen={row[id] === null ? undefined : () => onFigure(id, row)}
      />
    ),
    value: ({ row }) => row[id],
  });
  return [
    plain('sku', texts.sku),
    plain('product', texts.theProduct),
    plain('warehouse', texts.warehouse),
    figure('available_units', 'count'),
    figure('reorder_point', 'count'),
    figure('daily_units_shipped', 'ratio'),
    figure('days_of_inventory', 'days'),
    {
      id: 'runs_out',
      title: texts.runsOutOn,
      cell: (stock) => <RunsOut stock={stock} />,
      value: ({ available, runsOut }) => (available <= 0 ? texts.isOut : runsOut),
    },
  ];
}

function RunsOut({ stock: { available, days, runsOut } }: { readonly stock: Stock }) {
  if (available <= 0)
    return (
      <span className="pill" data-tone="bad">
        {texts.isOut}
      </span>
    );
  if (days === null || runsOut === null) return <span title={texts.nothingGoes}>{NO_FIGURE}</span>;
  const tone = days < 3 ? 'bad' : days <= SOON_DAYS ? 'warn' : undefined;
  return (
    <span className="pill number" data-tone={tone}>
      {formatDay(runsOut, new Date())}
    </span>
  );
}
