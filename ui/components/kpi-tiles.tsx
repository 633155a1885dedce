import { useState } from 'react';
import { useCatalogue } from '../catalogue.ts';
import { formatTime, isOpenBucket } from '../format.ts';
import { headlineOf, type KpiQuery, wholeOf } from '../kpi.ts';
import type { LiveFigures } from '../live.ts';
import { questionOf, useRowsQuestion } from '../rows.ts';
import { SqlDialog } from './sql-dialog.tsx';
import { Tile } from './tile.tsx';

export interface KpiTilesProps<Name extends string> {
  readonly title: string;
  readonly live: LiveFigures<Name>;
  readonly queries: Readonly<Record<Name, KpiQuery>>;
  /** The query that holds the figures. With a grain it has totals, which are shown, and their course beside them. */
  readonly figures: Name;
  readonly measures: readonly string[];
  readonly brand?: string;
  readonly onOpen?: (measure: string) => void;
}

/** A block of headline figures that one query answers. */
export function KpiTiles<Name extends string>(props: KpiTilesProps<Name>) {
  const { title, live, queries, figures, measures, brand, onOpen } = props;
  const catalogue = useCatalogue();
  const { open: openRows } = useRowsQuestion();
  const [sqlOf, setSqlOf] = useState<KpiQuery | null>(null);
  const answer = live.answers[figures];
  const { row, before } = headlineOf(answer);
  const { commitTime } = answer?.asOf ?? {};
  const asOf = commitTime ? formatTime(commitTime, answer?.timezone ?? 'UTC') : undefined;
  const { grain } = queries[figures];
  const last = answer?.rows.at(-1)?.time;
  const isOpen = grain !== undefined && last != null && isOpenBucket(String(last), grain, answer?.timezone ?? 'UTC');
  return (
    <section className="block" aria-label={title}>
      <h2>{title}</h2>
      <div className="tiles" data-plain={grain === undefined || undefined}>
        {measures.map((id) => {
          const kpi = catalogue.get(id);
          if (kpi === undefined) return <div key={id} className="tile skeleton" style={{ height: 128 }} />;
          return (
            <Tile
              key={id}
              kpi={kpi}
              value={row?.[id]}
              before={before?.[id]}
              series={grain === undefined ? undefined : answer?.rows.map((one) => one[id])}
              isSeriesOpen={isOpen}
              asOf={asOf}
              currency={answer?.currency}
              reason={answer?.measures.find((measure) => measure.id === id)?.notComputable}
              isLoading={answer === undefined && live.problems[figures] === undefined}
              isStale={answer !== undefined && live.isStale}
              problem={live.problems[figures]}
              onOpen={onOpen ? () => onOpen(id) : undefined}
              openRows={
                kpi.rows.length > 0 ? () => openRows(questionOf(queries[figures], id, undefined, brand)) : undefined
              }
              openAsSql={() => setSqlOf({ ...wholeOf(queries[figures]), measures: [id] })}
            />
          );
        })}
      </div>
      <SqlDialog query={sqlOf} brand={brand} onClose={() => setSqlOf(null)} />
    </section>
  );
}
