import { memo, type ReactNode, useState } from 'react';
import type { ApiProblem } from '../api.ts';
import { useCatalogue } from '../catalogue.ts';
import { formatTime, isOpenBucket } from '../format.ts';
import { headlineOf, type Kpi, type KpiAnswer, type KpiQuery, wholeOf } from '../kpi.ts';
import type { LiveFigures } from '../live.ts';
import { questionOf, type RowsQuestion, useRowsQuestion } from '../rows.ts';
import { SqlDialog } from './sql-dialog.tsx';
import { Tile } from './tile.tsx';

export interface KpiTilesProps<Name extends string> {
  readonly title: string;
  /** The page's own heading says it: the title is for those who do not see. */
  readonly isUntitled?: boolean;
  readonly live: LiveFigures<Name>;
  /**
   * The query that holds the figures, or that of each. With a grain it has totals, which are shown, and their course beside
   * them.
   */
  readonly figures: Name | ((measure: string) => Name);
  readonly measures: readonly string[];
  readonly brand?: string;
  readonly onOpen?: (measure: string) => void;
  /** Further tiles of the block. */
  readonly children?: ReactNode;
  /** What there is to say of a figure, by its measure. */
  readonly notes?: Readonly<Record<string, ReactNode>>;
}

/** A block of headline figures, of a period and of now. */
export function KpiTiles<Name extends string>(props: KpiTilesProps<Name>) {
  const { title, isUntitled, live, figures, measures, brand, onOpen, notes, children } = props;
  const catalogue = useCatalogue();
  const { open: openRows } = useRowsQuestion();
  const [sqlOf, setSqlOf] = useState<KpiQuery | null>(null);
  const queryOf = (measure: string) => (typeof figures === 'string' ? figures : figures(measure));
  const isPlain = measures.every((measure) => live.queries[queryOf(measure)].grain === undefined);
  return (
    <section className="block" aria-label={title}>
      {isUntitled ? null : <h2>{title}</h2>}
      <div className="tiles" data-plain={isPlain || undefined}>
        {measures.map((id) => {
          const kpi = catalogue.get(id);
          const name = queryOf(id);
          if (kpi === undefined) return <div key={id} className="tile skeleton" style={{ height: 128 }} />;
          return (
            <KpiTile
              key={id}
              query={live.queries[name]}
              answer={live.answers[name]}
              problem={live.problems[name]}
              isStale={live.isStale}
              note={notes?.[id]}
              {...{ kpi, brand, onOpen, openRows, setSqlOf }}
            />
          );
        })}
        {children}
      </div>
      <SqlDialog query={sqlOf} brand={brand} onClose={() => setSqlOf(null)} />
    </section>
  );
}

interface KpiTileProps {
  readonly kpi: Kpi;
  readonly query: KpiQuery;
  readonly answer: KpiAnswer | undefined;
  readonly problem: ApiProblem | undefined;
  readonly isStale: boolean;
  readonly brand: string | undefined;
  readonly onOpen: ((measure: string) => void) | undefined;
  readonly openRows: (question: RowsQuestion) => void;
  readonly setSqlOf: (query: KpiQuery) => void;
  readonly note: ReactNode;
}

/** Drawn again only for an answer to its own query: an event of the page's stream brings one of many. */
const KpiTile = memo(function KpiTile(props: KpiTileProps) {
  const { kpi, query, answer, problem, isStale, brand, onOpen, openRows, setSqlOf, note } = props;
  const { id } = kpi;
  const { row, before } = headlineOf(answer);
  const { commitTime } = answer?.asOf ?? {};
  const { timezone = 'UTC' } = answer ?? {};
  const { grain } = query;
  const last = answer?.rows.at(-1)?.time;
  return (
    <Tile
      kpi={kpi}
      value={row?.[id]}
      before={before?.[id]}
      series={grain === undefined ? undefined : answer?.rows.map((one) => one[id])}
      isSeriesOpen={grain !== undefined && last != null && isOpenBucket(String(last), grain, timezone)}
      asOf={commitTime ? formatTime(commitTime, timezone) : undefined}
      currency={answer?.currency}
      reason={answer?.measures.find((measure) => measure.id === id)?.notComputable}
      isLoading={answer === undefined && problem === undefined}
      isStale={answer !== undefined && isStale}
      problem={problem}
      onOpen={onOpen ? () => onOpen(id) : undefined}
      note={note}
      openRows={kpi.rows.length > 0 ? () => openRows(questionOf(query, id, undefined, brand)) : undefined}
      openAsSql={() => setSqlOf({ ...wholeOf(query), measures: [id] })}
    />
  );
});
