import type { ReactNode } from 'react';
import { type Column, DataTable } from '../../ui/components/data-table.tsx';
import { MoreRows } from '../../ui/components/more-rows.tsx';
import { Panel } from '../../ui/components/panel.tsx';
import { download, toCsv } from '../../ui/csv.ts';
import { dayStart, periodDays } from '../../ui/days.ts';
import { formatTime, NO_FIGURE } from '../../ui/format.ts';
import { filtersOf, type PageState } from '../../ui/page-state.ts';
import { usePages } from '../../ui/pages.ts';
import { texts as kit } from '../../ui/texts.ts';
import { useAgainWhen } from '../../ui/use-again-when.ts';
import { useChoice, useSearchText } from '../../ui/use-choice.ts';
import { texts } from '../texts.ts';
import { OrderLink } from './order-link.tsx';

interface Movement {
  readonly id: string;
  readonly sku: string;
  readonly warehouse: string;
  readonly state: string;
  readonly quantity: number;
  readonly reason: keyof typeof texts.reasons;
  readonly referenceType: string | null;
  readonly orderId: string | null;
  readonly orderNumber: string | null;
  readonly note: string | null;
  readonly actorId: string | null;
  readonly actorName: string | null;
  readonly movedAt: string;
}

export interface MovementsProps {
  /** The brand's; undefined while it is not known. */
  readonly timezone: string | undefined;
  readonly state: PageState;
  /** Those of the page that stock has. */
  readonly filter: readonly string[];
  readonly warehouses: readonly string[];
  /** What the page's one stream counts: the newest movements are asked for again when it goes up. */
  readonly moved: number;
  readonly isStale: boolean;
  readonly period: ReactNode;
}

const REASONS = ['', ...Object.keys(texts.reasons)] as ['', ...string[]];

/** What moved the stock, newest first; reason, SKU, warehouse and period are in the URL. */
export function Movements({ timezone, state, filter, warehouses, moved, isStale, period }: MovementsProps) {
  const [reason, setReason] = useChoice('reason', REASONS);
  const [sku, setSku] = useSearchText('movedSku');
  const [warehouse, setWarehouse] = useSearchText('movedFrom');
  const query = queryOf({ state, filter, reason, sku, warehouse, timezone: timezone ?? 'UTC' });
  const list = usePages<Movement>({
    ...{ key: 'movements', path: '/api/v1/inventory/movements', parameters: query },
    isReady: timezone !== undefined,
  });
  useAgainWhen(moved, list.refetch);
  const columns = columnsOf(timezone ?? 'UTC');
  return (
    <Panel
      title={texts.movements}
      tools={
        <>
          {period}
          <label className="select">
            <span className="visually-hidden">{texts.reason}</span>
            <select value={reason} onChange={(event) => setReason(event.target.value)}>
              {REASONS.map((one) => (
                <option key={one} value={one}>
                  {one === '' ? texts.anyReason : texts.reasons[one as keyof typeof texts.reasons]}
                </option>
              ))}
            </select>
          </label>
          <label className="select">
            <span className="visually-hidden">{texts.warehouse}</span>
            <select value={warehouse} onChange={(event) => setWarehouse(event.target.value)}>
              <option value="">{texts.anyWarehouse}</option>
              {[...new Set([...warehouses, ...(warehouse === '' ? [] : [warehouse])])].map((code) => (
                <option key={code} value={code}>
                  {code}
                </option>
              ))}
            </select>
          </label>
          <SkuField sku={sku} onChange={setSku} />
          <button
            type="button"
            className="text-button"
            onClick={() => download('stock-movements.csv', toCsv(list.data ?? [], columns))}
          >
            {kit.downloadCsv}
          </button>
        </>
      }
      of={list.data}
      awaited={{ rows: 12 }}
      problem={list.data ? null : list.error}
      retry={() => void list.refetch()}
      isStale={list.isPlaceholderData || isStale}
    >
      {(rows) => (
        <>
          <DataTable
            rows={rows}
            columns={columns}
            caption={texts.movements}
            maxHeight={520}
            empty={texts.noMovements}
            keyOf={({ id }) => id}
          />
          <MoreRows list={list} />
        </>
      )}
    </Panel>
  );
}

function SkuField({ sku, onChange }: { readonly sku: string; readonly onChange: (sku: string) => void }) {
  return (
    <form
      key={sku}
      className="inline-field"
      onSubmit={(event) => {
        event.preventDefault();
        onChange(String(new FormData(event.currentTarget).get('sku')).trim());
      }}
    >
      <label>
        <span className="visually-hidden">{texts.sku}</span>
        <input name="sku" type="search" placeholder={texts.sku} defaultValue={sku} maxLength={200} />
      </label>
    </form>
  );
}

interface Wanted {
  readonly state: PageState;
  readonly filter: readonly string[];
  readonly reason: string;
  readonly sku: string;
  readonly warehouse: string;
  readonly timezone: string;
}

/** The page's own filters apply where movements have them, unless the list's say something else. */
function queryOf({ state, filter, reason, sku, warehouse, timezone }: Wanted): Record<string, string> {
  const { from, to } = periodDays(state, new Date(), timezone);
  const only = (dimension: string) => {
    const values = filtersOf(filter).find((one) => one.dimension === dimension)?.values ?? [];
    return values.length === 1 ? (values[0] ?? '') : '';
  };
  const wanted = {
    ...{ reason, sku: sku || only('sku'), warehouse: warehouse || only('warehouse') },
    from: dayStart(from, timezone).toISOString(),
    to: dayStart(to, timezone).toISOString(),
  };
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== ''));
}

function columnsOf(timezone: string): Column<Movement>[] {
  const signed = (quantity: number) =>
    quantity > 0 ? `+${quantity.toLocaleString('en-GB')}` : quantity.toLocaleString('en-GB').replace('-', '−');
  return [
    {
      id: 'when',
      title: texts.when,
      cell: ({ movedAt }) => (
        <time className="number" dateTime={movedAt}>
          {formatTime(movedAt, timezone, false)}
        </time>
      ),
      value: ({ movedAt }) => movedAt,
    },
    { id: 'sku', title: texts.sku, cell: ({ sku }) => <span className="nowrap">{sku}</span>, value: ({ sku }) => sku },
    {
      id: 'warehouse',
      title: texts.warehouse,
      cell: ({ warehouse }) => warehouse,
      value: ({ warehouse }) => warehouse,
    },
    {
      id: 'state',
      title: texts.stockState,
      cell: ({ state }) => texts.stockStates[state as keyof typeof texts.stockStates] ?? state,
      value: ({ state }) => state,
    },
    {
      id: 'quantity',
      title: texts.quantity,
      isNumber: true,
      cell: ({ quantity }) => signed(quantity),
      value: ({ quantity }) => quantity,
    },
    { id: 'reason', title: texts.reason, cell: ({ reason }) => texts.reasons[reason], value: ({ reason }) => reason },
    {
      id: 'for',
      title: texts.movedFor,
      cell: ({ orderNumber, note }) =>
        orderNumber === null ? (note ?? NO_FIGURE) : <OrderLink number={orderNumber} />,
      value: ({ orderNumber, note }) => orderNumber ?? note,
    },
    {
      id: 'who',
      title: texts.who,
      cell: ({ actorId, actorName }) => actorName ?? (actorId === null ? NO_FIGURE : texts.somebodyElse),
      value: ({ actorName, actorId }) => actorName ?? actorId,
    },
  ];
}
