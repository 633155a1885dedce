// Which rows stand behind a figure, as the API is asked for them (POST /api/v1/kpis/rows), and where that stands in the URL.
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useCallback } from 'react';
import type { AsOf, Cell, Grain, KpiFilter, KpiQuery, Row, Unit } from './kpi.ts';

/** A question for rows. It stands in the URL whole, so that a link to it shows the same. */
export interface RowsQuestion {
  readonly measure: string;
  readonly timeRange?: KpiQuery['timeRange'];
  /** Both or none: the bucket of a series that the figure is. */
  readonly grain?: Grain;
  readonly time?: string;
  readonly filters?: readonly KpiFilter[];
  readonly orderBy?: { readonly by: 'time' | 'value'; readonly direction: 'asc' | 'desc' };
  readonly timezone?: string;
  readonly reportingCurrency?: string;
  /** Id or slug, where a platform role looks at one brand. */
  readonly brand?: string;
}

export interface KpiRows {
  readonly measure: {
    readonly id: string;
    readonly name: string;
    readonly unit: Unit;
    readonly notComputable?: string;
  };
  readonly rowsAre: readonly string[];
  readonly addsUp: boolean;
  readonly parts: readonly { readonly id: string; readonly name: string; readonly unit: string }[];
  readonly figure: Cell;
  /** Sums of the parts over all rows, shown or not. */
  readonly total: Readonly<Record<string, string>>;
  readonly count: number;
  readonly rows: readonly Row[];
  readonly span: { readonly from: string; readonly to: string } | null;
  readonly asOf: AsOf;
  readonly timezone: string;
  readonly currency: string | null;
}

/** How an app leads on from a row; `brand` is the one the row belongs to, where it is not the page's own. */
export interface RowLinks {
  /** To an order's page; without one the number stays text. */
  readonly orderLink?: (orderNumber: string, brand: string | undefined) => ReactNode;
  /** To what is known of a customer. */
  readonly customerLink?: (customerId: string, brand: string | undefined) => ReactNode;
}

/**
 * The question for the rows behind a figure of a query's answer: `row` is the answer's row that the figure stands in (its bucket
 * and its slice are taken from there; leave it out where the query has neither).
 */
export function questionOf(query: KpiQuery, measure: string, row?: Row, brand?: string): RowsQuestion {
  const { timeRange, grain, dimensions = [], filters = [], timezone, reportingCurrency } = query;
  const slice = dimensions.map((dimension): KpiFilter => {
    const value = row?.[dimension];
    return { dimension, op: 'in', values: [value === undefined || value === null ? null : String(value)] };
  });
  const all = [...filters, ...(row === undefined ? [] : slice)];
  return {
    measure,
    ...(timeRange === undefined ? {} : { timeRange }),
    ...(grain === undefined || row === undefined ? {} : { grain, time: String(row.time) }),
    ...(all.length === 0 ? {} : { filters: all }),
    ...(timezone === undefined ? {} : { timezone }),
    ...(reportingCurrency === undefined ? {} : { reportingCurrency }),
    ...(brand === undefined ? {} : { brand }),
  };
}

/** The question in the URL, and how to open and close the panel (the same functions always): Back closes it too. */
export function useRowsQuestion(): {
  readonly question: RowsQuestion | null;
  readonly open: (question: RowsQuestion) => void;
  readonly close: () => void;
} {
  const { rows } = useSearch({ strict: false }) as { rows?: unknown };
  const navigate = useNavigate();
  const go = useCallback(
    (question: RowsQuestion | undefined) =>
      void navigate({
        to: '.',
        search: ((before: Record<string, unknown>) => ({ ...before, rows: question })) as never,
        resetScroll: false,
      }),
    [navigate],
  );
  const close = useCallback(() => go(undefined), [go]);
  return { question: isQuestion(rows) ? rows : null, open: go, close };
}

function isQuestion(value: unknown): value is RowsQuestion {
  return typeof value === 'object' && value !== null && typeof (value as RowsQuestion).measure === 'string';
}
