import './rows-drawer.css';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Dialog } from 'radix-ui';
import { useState } from 'react';
import { type ApiProblem, api } from '../api.ts';
import { useCatalogue } from '../catalogue.ts';
import { download, toCsv } from '../csv.ts';
import { formatFigure, formatTime } from '../format.ts';
import { dateFormat } from '../intl.ts';
import type { KpiQuery } from '../kpi.ts';
import { inBrandDays } from '../looking-at.ts';
import type { KpiRows, RowLinks, RowsQuestion } from '../rows.ts';
import { texts } from '../texts.ts';
import { DialogContent } from './dialog-content.tsx';
import { Failure } from './failure.tsx';
import { RowsTable, rowColumns } from './rows-table.tsx';
import { SqlDialog } from './sql-dialog.tsx';

const FIRST = 100;
const MOST_SHOWN = 2_500;
const MOST_EXPORTED = 50_000;

const ask = ({ brand, ...question }: RowsQuestion, limit: number) =>
  api<KpiRows>('/api/v1/kpis/rows', {
    method: 'POST',
    body: { ...inBrandDays(question, brand), limit },
    headers: brand === undefined ? {} : { 'x-tenant-id': brand },
  });

/** The drawer itself; see RowsPanel. */
export function RowsDrawer({
  question,
  close,
  ...links
}: RowLinks & { readonly question: RowsQuestion; readonly close: () => void }) {
  return (
    <Dialog.Root open onOpenChange={(isOpen) => (isOpen ? undefined : close())}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <DialogContent className="drawer" aria-describedby={undefined}>
          <Rows key={JSON.stringify({ ...question, orderBy: null })} {...links} question={question} />
        </DialogContent>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Rows({ question, ...links }: RowLinks & { readonly question: RowsQuestion }) {
  const [limit, setLimit] = useState(FIRST);
  const [sql, setSql] = useState<KpiQuery | null>(null);
  const kpi = useCatalogue().get(question.measure);
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: ['rows', question, limit],
    queryFn: () => ask(question, limit),
    placeholderData: keepPreviousData,
    staleTime: 0,
    retry: false,
  });
  const problem = error as ApiProblem | null;
  return (
    <>
      <header className="drawer-head">
        <div className="drawer-title">
          <Dialog.Title asChild>
            <h2>{texts.rowsBehind(kpi?.name ?? question.measure)}</h2>
          </Dialog.Title>
          <p className="drawer-figure number">
            {data ? formatFigure(data.figure, { ...data.measure, currency: data.currency }) : '…'}
          </p>
          <p className="drawer-note">{data?.measure.notComputable ?? kpi?.formula}</p>
          <p className="drawer-note number">{data ? whichRows(data, question) : ''}</p>
        </div>
        <Dialog.Close className="icon-button" aria-label={texts.close}>
          <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
            <path d="M2 2l10 10M12 2L2 12" stroke="currentColor" strokeWidth="1.5" />
          </svg>
        </Dialog.Close>
        <div className="panel-tools">
          <Export question={question} rows={data} />
          {data ? (
            <button type="button" className="text-button" onClick={() => setSql(sqlOf(question, data))}>
              {texts.openAsSql}
            </button>
          ) : null}
          <button type="button" className="text-button" onClick={() => void refetch()} disabled={isFetching}>
            {texts.refresh}
          </button>
        </div>
      </header>
      <div className="drawer-body" data-stale={(isFetching && data !== undefined) || undefined}>
        {problem ? (
          <Failure problem={problem} retry={() => void refetch()} />
        ) : data === undefined ? (
          <div className="skeleton" style={{ height: 480 }} aria-hidden="true" />
        ) : (
          <RowsTable {...links} rows={data} question={question} />
        )}
        {data && data.rows.length < data.count ? (
          <p className="drawer-more">
            <span className="number">{texts.firstOf(data.rows.length, data.count)}</span>
            {limit < MOST_SHOWN ? (
              <button type="button" className="button" onClick={() => setLimit(Math.min(limit * 5, MOST_SHOWN))}>
                {texts.showMore}
              </button>
            ) : (
              texts.allInCsv
            )}
          </p>
        ) : null}
      </div>
      <SqlDialog query={sql} brand={question.brand} onClose={() => setSql(null)} />
    </>
  );
}

/** All rows, exact, however many are shown. */
function Export({ question, rows }: { readonly question: RowsQuestion; readonly rows: KpiRows | undefined }) {
  const [state, setState] = useState<'ready' | 'busy' | ApiProblem>('ready');
  if (rows === undefined) return null;
  const isTooLong = rows.count > MOST_EXPORTED;
  const run = () => {
    setState('busy');
    ask(question, MOST_EXPORTED).then(
      (all) => {
        download(`${question.measure}-rows.csv`, toCsv(all.rows, rowColumns(all, {}, question.brand)));
        setState('ready');
      },
      (error: ApiProblem) => setState(error),
    );
  };
  return (
    <>
      <button type="button" className="text-button" disabled={isTooLong || state === 'busy'} onClick={run}>
        {state === 'busy' ? texts.exporting : texts.downloadCsv}
      </button>
      {isTooLong ? <span className="drawer-note">{texts.tooLongToExport}</span> : null}
      {typeof state === 'object' ? <span className="drawer-note">{state.message}</span> : null}
    </>
  );
}

function whichRows({ span, timezone, asOf }: KpiRows, { filters = [] }: RowsQuestion): string {
  const days = dateFormat({ timeZone: timezone, dateStyle: 'medium', timeStyle: 'short' });
  const day = (iso: string) => days.format(new Date(iso));
  return [
    span ? `${day(span.from)} – ${day(span.to)}` : '',
    ...filters.map(
      ({ dimension, op, values }) =>
        `${texts.dimensions[dimension] ?? dimension}${op === 'in' ? ':' : ' not'} ${values.map((value) => value ?? texts.unknown).join(', ')}`,
    ),
    asOf.commitTime ? `${texts.live.asOf} ${formatTime(asOf.commitTime, timezone)}` : '',
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

/** The KPI query whose rows these are. */
function sqlOf({ measure, filters = [], timezone, reportingCurrency }: RowsQuestion, rows: KpiRows): KpiQuery {
  return {
    measures: [measure],
    dimensions: rows.rowsAre,
    filters,
    ...(rows.span === null ? {} : { timeRange: rows.span }),
    ...{ timezone, reportingCurrency },
  };
}
