import { useState } from 'react';
import { useCatalogue } from '../../ui/catalogue.ts';
import { SqlDialog } from '../../ui/components/sql-dialog.tsx';
import { Tile } from '../../ui/components/tile.tsx';
import { formatTime, isOpenBucket } from '../../ui/format.ts';
import type { KpiQuery } from '../../ui/kpi.ts';
import type { LiveFigures } from '../../ui/live.ts';
import { texts } from '../texts.ts';

export interface HeadlineProps<Name extends string> {
  readonly live: LiveFigures<Name>;
  readonly queries: Readonly<Record<Name, KpiQuery>>;
  /** Each figure with the query that answers it, in the order shown. */
  readonly figures: readonly (readonly [kpi: string, query: Name])[];
  /** The query of their courses. */
  readonly course: Name;
}

/** One row of headline figures, of a period and of now. */
export function Headline<Name extends string>({ live, queries, figures, course }: HeadlineProps<Name>) {
  const catalogue = useCatalogue();
  const [sqlOf, setSqlOf] = useState<KpiQuery | null>(null);
  const courses = live.answers[course];
  const [{ grain }, last] = [queries[course], courses?.rows.at(-1)?.time];
  const isOpen = grain !== undefined && last != null && isOpenBucket(String(last), grain, courses?.timezone ?? 'UTC');
  return (
    <section className="block" aria-label={texts.headline}>
      <div className="tiles">
        {figures.map(([id, query]) => {
          const kpi = catalogue.get(id);
          const answer = live.answers[query];
          if (kpi === undefined) return <div key={id} className="tile skeleton" style={{ height: 128 }} />;
          return (
            <Tile
              key={id}
              kpi={kpi}
              value={answer?.rows[0]?.[id]}
              before={answer?.comparison?.[0]?.[id]}
              series={courses?.measures.some((one) => one.id === id) ? courses.rows.map((one) => one[id]) : undefined}
              currency={answer?.currency}
              reason={answer?.measures.find((one) => one.id === id)?.notComputable}
              isLoading={answer === undefined && live.problems[query] === undefined}
              isStale={answer !== undefined && live.isStale}
              isSeriesOpen={isOpen}
              asOf={answer?.asOf.commitTime ? formatTime(answer.asOf.commitTime, answer.timezone) : undefined}
              problem={live.problems[query]}
              openAsSql={() => setSqlOf({ ...queries[query], measures: [id] })}
            />
          );
        })}
      </div>
      <SqlDialog query={sqlOf} onClose={() => setSqlOf(null)} />
    </section>
  );
}
