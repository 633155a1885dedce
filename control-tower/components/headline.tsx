import { useState } from 'react';
import { useCatalogue } from '../../ui/catalogue.ts';
import { SqlDialog } from '../../ui/components/sql-dialog.tsx';
import { Tile } from '../../ui/components/tile.tsx';
import { formatTime, isOpenBucket } from '../../ui/format.ts';
import { headlineOf, type KpiQuery, wholeOf } from '../../ui/kpi.ts';
import type { LiveFigures } from '../../ui/live.ts';
import { texts } from '../texts.ts';

export interface HeadlineProps<Name extends string> {
  readonly live: LiveFigures<Name>;
  readonly queries: Readonly<Record<Name, KpiQuery>>;
  /** Each figure with the query that answers it, in the order shown. */
  readonly figures: readonly (readonly [kpi: string, query: Name])[];
}

/** One row of headline figures, of a period and of now. */
export function Headline<Name extends string>({ live, queries, figures }: HeadlineProps<Name>) {
  const catalogue = useCatalogue();
  const [sqlOf, setSqlOf] = useState<KpiQuery | null>(null);
  return (
    <section className="block" aria-label={texts.headline}>
      <div className="tiles">
        {figures.map(([id, query]) => {
          const kpi = catalogue.get(id);
          const answer = live.answers[query];
          const { row, before } = headlineOf(answer);
          const [{ grain }, last] = [queries[query], answer?.rows.at(-1)?.time];
          if (kpi === undefined) return <div key={id} className="tile skeleton" style={{ height: 128 }} />;
          return (
            <Tile
              key={id}
              kpi={kpi}
              value={row?.[id]}
              before={before?.[id]}
              series={grain === undefined ? undefined : answer?.rows.map((one) => one[id])}
              currency={answer?.currency}
              reason={answer?.measures.find((one) => one.id === id)?.notComputable}
              isLoading={answer === undefined && live.problems[query] === undefined}
              isStale={answer !== undefined && live.isStale}
              isSeriesOpen={
                grain !== undefined && last != null && isOpenBucket(String(last), grain, answer?.timezone ?? 'UTC')
              }
              asOf={answer?.asOf.commitTime ? formatTime(answer.asOf.commitTime, answer.timezone) : undefined}
              problem={live.problems[query]}
              openAsSql={() => setSqlOf({ ...wholeOf(queries[query]), measures: [id] })}
            />
          );
        })}
      </div>
      <SqlDialog query={sqlOf} onClose={() => setSqlOf(null)} />
    </section>
  );
}
