import { memo } from 'react';
import type { ApiProblem } from '../../ui/api.ts';
import { DataTable } from '../../ui/components/data-table.tsx';
import { Panel } from '../../ui/components/panel.tsx';
import { compare, difference, magnitude } from '../../ui/decimal.ts';
import { formatFigure } from '../../ui/format.ts';
import type { KpiAnswer, KpiQuery } from '../../ui/kpi.ts';
import { questionOf, useRowsQuestion } from '../../ui/rows.ts';
import { texts } from '../texts.ts';
import { FigureButton } from './figure-button.tsx';

export interface ContributionsProps {
  readonly dimension: 'product' | 'channel' | 'country';
  readonly answer: KpiAnswer | undefined;
  readonly problem: ApiProblem | undefined;
  readonly isStale: boolean;
  /** That of the answer. */
  readonly query: KpiQuery;
  readonly onPick: (dimension: string, value: string) => void;
}

interface Contribution {
  readonly value: string | null;
  readonly now: string;
  readonly before: string;
  readonly change: string;
}

const SHOWN = 6;

/** Which values of a dimension moved net sales most against the comparison, up or down. */
export const Contributions = memo(function Contributions(props: ContributionsProps) {
  const { dimension, answer, problem, isStale, query, onPick } = props;
  const { open } = useRowsQuestion();
  const rows = answer?.comparison ? contributionsOf(answer, dimension) : [];
  const format = { id: 'net_sales', unit: 'money', currency: answer?.currency } as const;
  const largest = rows[0] ? Math.abs(Number(rows[0].change)) : 1;
  return (
    <Panel
      title={texts.changedBy[dimension]}
      of={answer}
      awaited={{ rows: SHOWN, rowHeight: 39 }}
      problem={problem}
      isStale={isStale}
    >
      {({ comparison }) => (
        <DataTable
          rows={rows.slice(0, SHOWN)}
          caption={`${texts.changed}: ${texts.changedBy[dimension]}`}
          empty={comparison === null ? texts.noChange : texts.noSales}
          keyOf={({ value }) => value ?? ''}
          onRow={({ value }) => onPick(dimension, value ?? '')}
          columns={[
            {
              id: dimension,
              title: texts.dimensions[dimension],
              wraps: true,
              cell: ({ value }) => value ?? texts.unknown,
              value: ({ value }) => value,
            },
            {
              id: 'now',
              title: texts.now,
              isNumber: true,
              cell: ({ now, value }) => (
                <FigureButton
                  text={formatFigure(now, format)}
                  onOpen={() => open(questionOf(query, 'net_sales', { [dimension]: value }))}
                />
              ),
              value: ({ now }) => now,
            },
            {
              id: 'change',
              title: texts.contribution,
              isNumber: true,
              cell: ({ change }) => (
                <span className="change" data-sense={change.startsWith('-') ? 'bad' : 'good'}>
                  {change.startsWith('-') ? '' : '+'}
                  {formatFigure(change, format)}
                  <span
                    className="contribution-bar"
                    aria-hidden="true"
                    style={{ width: `${(Math.abs(Number(change)) / largest) * 100}%` }}
                  />
                </span>
              ),
              value: ({ change }) => change,
            },
          ]}
        />
      )}
    </Panel>
  );
});

function contributionsOf({ rows, comparison }: KpiAnswer, dimension: string): Contribution[] {
  const read = (of: KpiAnswer['rows']) =>
    new Map(of.map((row) => [row[dimension] as string | null, String(row.net_sales ?? '0')]));
  const [now, before] = [read(rows), read(comparison ?? [])];
  return [...new Set([...now.keys(), ...before.keys()])]
    .map((value) => {
      const [a, b] = [now.get(value) ?? '0', before.get(value) ?? '0'];
      return { value, now: a, before: b, change: difference(a, b) };
    })
    .filter(({ change }) => change !== '0')
    .sort((a, b) => compare(magnitude(b.change), magnitude(a.change)));
}
