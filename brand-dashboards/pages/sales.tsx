import { createLazyRoute, useNavigate, useSearch } from '@tanstack/react-router';
import { useCatalogue } from '../../ui/catalogue.ts';
import { type Column, DataTable } from '../../ui/components/data-table.tsx';
import { Failure } from '../../ui/components/failure.tsx';
import { KpiTiles } from '../../ui/components/kpi-tiles.tsx';
import { LiveStatus } from '../../ui/components/live-status.tsx';
import { Panel } from '../../ui/components/panel.tsx';
import { PeriodPicker } from '../../ui/components/period-picker.tsx';
import { useTitle } from '../../ui/components/shell.tsx';
import { changeOf, type FigureFormat, formatFigure, NO_FIGURE } from '../../ui/format.ts';
import type { Kpi, KpiAnswer, KpiQuery, Row } from '../../ui/kpi.ts';
import { useLiveFigures } from '../../ui/live.ts';
import { grainOf, queryParts } from '../../ui/page-state.ts';
import { questionOf, useRowsQuestion } from '../../ui/rows.ts';
import { texts as kit } from '../../ui/texts.ts';
import { usePageState } from '../../ui/use-page-state.ts';
import { Filters } from '../components/filters.tsx';
import { SeriesPanel } from '../components/series-panel.tsx';
import { texts } from '../texts.ts';

export const route = createLazyRoute('/sales')({ component: Sales });

const MEASURES = [
  'net_sales',
  'gross_sales',
  'discounts',
  'returns',
  'taxes',
  'total_sales',
  'orders',
  'units_sold',
  'aov',
  'units_per_order',
];

/** What stands above, whichever measure is looked at. */
const HEADLINE = ['net_sales', 'orders', 'units_sold', 'aov', 'discounts', 'returns'];

/** Of a dimension, within a sentence. */
function nameOf(dimension: string): string {
  const name = kit.dimensions[dimension] ?? dimension;
  return name === name.toUpperCase() ? name : name.toLowerCase();
}

function Sales() {
  const [state, change] = usePageState();
  const search = useSearch({ strict: false }) as { measure?: unknown; by?: unknown };
  const catalogue = useCatalogue();
  const navigate = useNavigate();
  const set = (part: Record<string, string>) =>
    void navigate({ to: '.', search: ((before: Record<string, unknown>) => ({ ...before, ...part })) as never });
  const measure = typeof search.measure === 'string' && catalogue.has(search.measure) ? search.measure : 'net_sales';
  const kpi = catalogue.get(measure);
  useTitle(texts.pages.sales, texts.product);
  const dimensions = (kpi?.dimensions ?? []).filter((one) => one !== 'currency');
  const by = typeof search.by === 'string' && dimensions.includes(search.by) ? search.by : (dimensions[0] ?? 'channel');
  const parts = queryParts(state);
  const headline = HEADLINE.includes(measure) ? HEADLINE : [measure, ...HEADLINE.slice(0, -1)];
  const queries = {
    figures: { ...parts, measures: headline, grain: grainOf(state), withTotals: true },
    split: {
      ...parts,
      measures: [measure],
      dimensions: [by],
      orderBy: [{ by: measure, direction: 'desc' }],
      limit: 50,
    },
  } satisfies Record<string, KpiQuery>;
  const live = useLiveFigures(queries);
  const rows = useRowsQuestion();
  const { split } = live.answers;
  const format = { id: measure, unit: kpi?.unit ?? 'count', currency: split?.currency } as const;
  return (
    <>
      <header className="page-head">
        <div className="page-title">
          <h1>{texts.pages.sales}</h1>
          <LiveStatus
            asOf={live.asOf}
            connection={live.connection}
            timezone={live.answers.figures?.timezone ?? 'UTC'}
          />
        </div>
        <div className="period-picker">
          <label className="select">
            <span className="visually-hidden">{texts.measure}</span>
            <select value={measure} onChange={(event) => set({ measure: event.target.value })}>
              {[...new Set([...MEASURES, measure])].map((id) => (
                <option key={id} value={id}>
                  {catalogue.get(id)?.name ?? id}
                </option>
              ))}
            </select>
          </label>
          <PeriodPicker state={state} onChange={change} />
        </div>
      </header>
      <Filters state={state} onChange={change} />
      {live.failure !== null && live.answers.figures === undefined ? (
        <Failure problem={live.failure} retry={live.retry} />
      ) : null}
      <KpiTiles
        title={texts.sales}
        live={live}
        figures="figures"
        measures={queries.figures.measures}
        onOpen={(id) => set({ measure: id })}
      />
      <SeriesPanel
        measure={measure}
        answer={live.answers.figures}
        problem={live.problems.figures}
        grain={grainOf(state)}
        compare={state.compare}
        isStale={live.isStale}
        height={320}
        query={live.queries.figures}
      />
      <Panel
        title={texts.topList(kpi?.name ?? measure, nameOf(by))}
        of={split}
        awaited={{ rows: 8 }}
        problem={live.problems.split}
        isStale={live.isStale}
        tools={
          <label className="select">
            <span className="visually-hidden">{texts.splitBy}</span>
            <select value={by} onChange={(event) => set({ by: event.target.value })}>
              {dimensions.map((one) => (
                <option key={one} value={one}>
                  {kit.dimensions[one] ?? one}
                </option>
              ))}
            </select>
          </label>
        }
      >
        {(answer) => (
          <DataTable
            rows={answer.rows}
            caption={texts.topList(kpi?.name ?? measure, nameOf(by))}
            empty={texts.noSales}
            keyOf={(row) => String(row[by])}
            onRow={(row) => change({ filter: [...state.filter, `${by}:${row[by] ?? ''}`] })}
            columns={[
              {
                id: by,
                title: kit.dimensions[by] ?? by,
                cell: (row) => row[by] ?? texts.unknown,
                value: (row) => row[by],
              },
              {
                id: measure,
                title: kpi?.name ?? measure,
                isNumber: true,
                cell: (row) => (
                  <button
                    type="button"
                    className="figure-link"
                    aria-label={`${formatFigure(row[measure], format)}: ${texts.showRows}`}
                    onClick={(event) => {
                      event.stopPropagation();
                      rows.open(questionOf(queries.split, measure, row));
                    }}
                  >
                    {formatFigure(row[measure], format)}
                  </button>
                ),
                value: (row) => row[measure],
              },
              ...(answer.comparison === null ? [] : [changeColumn(answer, by, format, kpi?.direction ?? 'neutral')]),
            ]}
          />
        )}
      </Panel>
    </>
  );
}

/** How each value moved against the comparison. */
function changeColumn(
  { comparison }: KpiAnswer,
  by: string,
  format: FigureFormat,
  direction: Kpi['direction'],
): Column<Row> {
  const before = new Map(comparison?.map((row) => [row[by], row[format.id]]));
  return {
    id: 'change',
    title: texts.change,
    isNumber: true,
    cell: (row) => {
      const { text, sense } = changeOf(row[format.id], before.get(row[by] ?? null), format, direction);
      return (
        <span className="change" data-sense={sense}>
          {text ?? NO_FIGURE}
          <span className="visually-hidden"> {kit.sense[sense]}</span>
        </span>
      );
    },
    value: (row) => before.get(row[by] ?? null),
  };
}
