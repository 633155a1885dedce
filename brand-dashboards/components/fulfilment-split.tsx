import type { ApiProblem } from '../../ui/api.ts';
import { useCatalogue } from '../../ui/catalogue.ts';
import { type Column, DataTable } from '../../ui/components/data-table.tsx';
import { Panel } from '../../ui/components/panel.tsx';
import { download, toCsv } from '../../ui/csv.ts';
import { changeOf, formatFigure } from '../../ui/format.ts';
import { type KpiAnswer, largestOf, type Row, type Unit } from '../../ui/kpi.ts';
import { texts as kit } from '../../ui/texts.ts';
import { useChoice } from '../../ui/use-choice.ts';
import { texts } from '../texts.ts';
import { FigureButton } from './figure-button.tsx';

const DIMENSIONS = ['warehouse', 'channel'] as const;
type SplitDimension = (typeof DIMENSIONS)[number];
const COLUMNS: readonly (readonly [string, Unit])[] = [
  ['on_time_rate', 'ratio'],
  ['delivered_with_promise', 'count'],
  ['late_deliveries', 'count'],
  ['avg_lateness', 'hours'],
  ['ship_time_p50', 'hours'],
  ['ship_time_p90', 'hours'],
  ['delivery_time_p50', 'hours'],
  ['delivery_time_p90', 'hours'],
];

export interface FulfilmentSplitProps {
  readonly answers: Readonly<Record<SplitDimension, KpiAnswer | undefined>>;
  readonly problem: ApiProblem | undefined;
  readonly isStale: boolean;
  readonly onPick: (dimension: SplitDimension, value: string) => void;
  /** Shows the rows behind a figure. */
  readonly onFigure: (dimension: SplitDimension, measure: string, row: Row) => void;
}

/** Who delivers on time and who does not: each warehouse, or channel, beside the others and against the comparison. */
export function FulfilmentSplit({ answers, problem, isStale, onPick, onFigure }: FulfilmentSplitProps) {
  const [by, setBy] = useChoice('by', DIMENSIONS);
  const catalogue = useCatalogue();
  const answer = answers[by];
  const before = new Map((answer?.comparison ?? []).map((row) => [row[by], row]));
  const columns: Column<Row>[] = [
    { id: by, title: texts.splitNames[by], cell: (row) => row[by] ?? texts.unknown, value: (row) => row[by] },
    ...COLUMNS.map(
      ([id, unit]): Column<Row> => ({
        id,
        title: catalogue.get(id)?.name ?? id,
        isNumber: true,
        cell: (row) => (
          <>
            <FigureButton
              text={formatFigure(row[id], { id, unit, like: largestOf(id, answer?.rows) })}
              onOpen={row[id] === null ? undefined : () => onFigure(by, id, row)}
            />
            {id === 'on_time_rate' || id === 'delivery_time_p90' ? (
              <Change now={row} before={before.get(row[by] ?? null)} id={id} unit={unit} />
            ) : null}
          </>
        ),
        value: (row) => row[id],
      }),
    ),
  ];
  const title = texts.topList(texts.againstPromise, by);
  return (
    <Panel
      title={title}
      tools={
        <>
          <fieldset className="segmented">
            <legend className="visually-hidden">{texts.splitBy}</legend>
            {DIMENSIONS.map((one) => (
              <button key={one} type="button" aria-pressed={by === one} onClick={() => setBy(one)}>
                {texts.splitNames[one]}
              </button>
            ))}
          </fieldset>
          <button
            type="button"
            className="text-button"
            onClick={() => download(`fulfilment-by-${by}.csv`, toCsv(answer?.rows ?? [], columns))}
          >
            {kit.downloadCsv}
          </button>
        </>
      }
      of={answer}
      awaited={{ rows: 2, rowHeight: 50 }}
      problem={problem}
      isStale={isStale}
    >
      {({ rows }) => (
        <DataTable
          rows={rows}
          columns={columns}
          caption={title}
          empty={texts.noDeliveries}
          keyOf={(row) => String(row[by])}
          onRow={(row) => onPick(by, String(row[by] ?? ''))}
        />
      )}
    </Panel>
  );
}

/** How a row's figure moved; said by sign and words besides colour. */
function Change({ now, before, id, unit }: { now: Row; before: Row | undefined; id: string; unit: Unit }) {
  const direction = useCatalogue().get(id)?.direction ?? 'neutral';
  const change = changeOf(now[id], before?.[id], { id, unit }, direction);
  if (change.text === null) return null;
  return (
    <span className="change cell-change" data-sense={change.sense}>
      {change.text}
      <span className="visually-hidden"> {kit.sense[change.sense]}</span>
    </span>
  );
}
