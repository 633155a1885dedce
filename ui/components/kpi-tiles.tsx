import { type ReactNode, useState } from 'react';
import { useCatalogue } from '../catalogue.ts';
import { formatTime, isOpenBucket } from '../format.ts';
import { headlineOf, type KpiQuery, wholeOf } from '../kpi.ts';
import type { LiveFigures } from '../live.ts';
import { questionOf, useRowsQuestion } from '../rows.ts';
import { SqlDialog } from './sql-dialog.tsx';
import { Tile } from './tile.tsx';

export interface KpiTilesProps<Name extends string> {
  readonly title: string;
  /** The page's own heading says it: the title is for those who do not see. */
  readonly isUntitled?: boolean;
  readonly live: LiveFigures<Name>;
  readonly queries: Readonly<Record<Name, KpiQuery>>;
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
  const { title, isUntitled, live, queries, figures, measures, brand, onOpen, notes, children } = props;
  const catalogue = useCatalogue();
  const { open: openRows } = useRowsQuestion();
  const [sqlOf, setSqlOf] = useState<KpiQuery | null>(null);
  const queryOf = (measure: string) => (typeof figures === 'string' ? figures : figures(measure));
  const isPlain = measures.every((measure) => queries[queryOf(measure)].grain === undefined);
  return (
    <section className="block" aria-label={title}>
      {isUntitled ? null : <h2>{title}</h2>}
      <div className="tiles" data-plain={isPlain || undefined}>
        {measures.map((id) => {
          const kpi = catalogue.get(id);
          const query = queryOf(id);
          const answer = live.answers[query];
          const { row, before } = headlineOf(answer);
          const { commitTime } = answer?.asOf ?? {};
          const { timezone = 'UTC' } = answer ?? {};
          const { grain } = queries[query];
          const last = answer?.rows.at(-1)?.time;
          if (kpi === undefined) return <div key={id} className="tile skeleton" style={{ height: 128 }} />;
          return (
            <Tile
              key={id}
              kpi={kpi}
              value={row?.[id]}
              before={before?.[id]}
              series={grain === undefined ? undefined : answer?.rows.map((one) => one[id])}
              isSeriesOpen={grain !== undefined && last != null && isOpenBucket(String(last), grain, timezone)}
              asOf={commitTime ? formatTime(commitTime, timezone) : undefined}
              currency={answer?.currency}
              reason={answer?.measures.find((measure) => measure.id === id)?.notComputable}
              isLoading={answer === undefined && live.problems[query] === undefined}
              isStale={answer !== undefined && live.isStale}
              problem={live.problems[query]}
              onOpen={onOpen ? () => onOpen(id) : undefined}
              note={notes?.[id]}
              openRows={
                kpi.rows.length > 0 ? () => openRows(questionOf(queries[query], id, undefined, brand)) : undefined
              }
              openAsSql={() => setSqlOf({ ...wholeOf(queries[query]), measures: [id] })}
            />
          );
        })}
        {children}
      </div>
      <SqlDialog query={sqlOf} brand={brand} onClose={() => setSqlOf(null)} />
    </section>
  );
}
