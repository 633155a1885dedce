import { memo, useCallback, useMemo } from 'react';
import type { ApiProblem } from '../../ui/api.ts';
import { type Colour, stackedOption } from '../../ui/chart-options.ts';
import { ChartFrame } from '../../ui/components/chart-frame.tsx';
import { sum } from '../../ui/decimal.ts';
import { formatBucket, formatFigure } from '../../ui/format.ts';
import type { KpiAnswer } from '../../ui/kpi.ts';
import { texts } from '../texts.ts';

const MOST_SERIES = 5;

export interface SplitRow {
  readonly time: string;
  readonly values: Readonly<Record<string, string>>;
}

/** Net sales of the largest brands over time, the others added up exactly. */
export const BrandTrend = memo(function BrandTrend({
  answer,
  problem,
  grain,
  isStale,
  nameOf,
}: {
  answer: KpiAnswer | undefined;
  problem: ApiProblem | undefined;
  grain: string;
  isStale: boolean;
  /** Of a brand by its slug. */
  nameOf: (slug: string) => string;
}) {
  const split = useMemo(() => splitByBrand(answer, nameOf), [answer, nameOf]);
  const { rows, names } = split;
  const { currency = null, timezone = 'UTC' } = answer ?? {};
  const option = useCallback(
    (colour: Colour) => stackedOption({ ...split, currency, grain, timezone }, colour),
    [split, currency, grain, timezone],
  );
  const format = { id: 'net_sales', unit: 'money', currency } as const;
  return (
    <ChartFrame
      title={texts.overTime}
      rows={rows}
      columns={[
        {
          id: 'time',
          title: texts.time,
          cell: ({ time }) => formatBucket(time, grain, timezone),
          value: ({ time }) => time,
        },
        ...names.map((name) => ({
          ...{ id: name, title: name, isNumber: true },
          cell: ({ values }: SplitRow) => formatFigure(values[name] ?? '0', format),
          value: ({ values }: SplitRow) => values[name] ?? '0',
        })),
      ]}
      option={option}
      label={texts.overTime}
      height={280}
      problem={problem}
      isLoading={answer === undefined}
      isStale={isStale && answer !== undefined}
      empty={texts.noSales}
      fileName="net-sales-by-brand"
    />
  );
});

function splitByBrand(
  answer: KpiAnswer | undefined,
  nameOf: (slug: string) => string,
): { rows: SplitRow[]; names: string[] } {
  const byBrand = Map.groupBy(answer?.rows ?? [], ({ brand }) => nameOf(String(brand)));
  const size = (name: string) => Number(sum((byBrand.get(name) ?? []).map((row) => String(row.net_sales ?? '0'))));
  const bySize = [...byBrand.keys()].sort((a, b) => size(b) - size(a));
  const shown = new Set(bySize.slice(0, MOST_SERIES));
  const times = Map.groupBy(answer?.rows ?? [], ({ time }) => String(time));
  const rows = [...times].map(([time, cells]) => {
    const named = Map.groupBy(cells, ({ brand }) =>
      shown.has(nameOf(String(brand))) ? nameOf(String(brand)) : texts.other,
    );
    const values = [...named].map(([name, of]) => [name, sum(of.map((cell) => String(cell.net_sales ?? '0')))]);
    return { time, values: Object.fromEntries(values) as Record<string, string> };
  });
  return { rows, names: [...shown, ...(bySize.length > MOST_SERIES ? [texts.other] : [])] };
}
