// Health of a brand: stated rules over its figures, each with its reason. The worst that applies is shown.
import { formatFigure } from '../ui/format.ts';
import type { Row } from '../ui/kpi.ts';

export interface Health {
  readonly tone: 'good' | 'warn' | 'bad';
  readonly reason: string;
  /** For sorting: what needs a look first. */
  readonly rank: number;
}

interface Rule {
  readonly tone: 'warn' | 'bad';
  /** The reason when it applies. */
  readonly applies: (now: Row, before: Row | undefined) => string | null;
}

const number = (row: Row | undefined, id: string) =>
  row?.[id] === null || row?.[id] === undefined ? null : Number(row[id]);
const percent = (row: Row, id: string) => formatFigure(row[id], { id, unit: 'ratio' });

/** In order of weight. Documented in README.md beside this file; change both. */
export const rules: readonly Rule[] = [
  {
    tone: 'bad',
    applies: (now, before) =>
      number(now, 'orders') === 0 && (number(before, 'orders') ?? 0) > 0 ? 'no orders, but had some before' : null,
  },
  {
    tone: 'bad',
    applies: (now) =>
      (number(now, 'on_time_rate') ?? 1) < 0.8 ? `only ${percent(now, 'on_time_rate')} on time` : null,
  },
  {
    tone: 'bad',
    applies: (now, before) => {
      const [a, b] = [number(now, 'net_sales'), number(before, 'net_sales')];
      return a !== null && b !== null && b > 0 && a < b * 0.7
        ? `net sales down ${Math.round((1 - a / b) * 100)} %`
        : null;
    },
  },
  {
    tone: 'warn',
    applies: (now) => ((number(now, 'on_time_rate') ?? 1) < 0.92 ? `${percent(now, 'on_time_rate')} on time` : null),
  },
  {
    tone: 'warn',
    applies: (now) =>
      (number(now, 'cancellation_rate') ?? 0) > 0.06 ? `${percent(now, 'cancellation_rate')} cancelled` : null,
  },
  {
    tone: 'warn',
    applies: (now) =>
      (number(now, 'return_rate_value') ?? 0) > 0.15 ? `${percent(now, 'return_rate_value')} of sales returned` : null,
  },
];

/** @param now figures of the period, @param before of its comparison. */
export function healthOf(now: Row, before: Row | undefined): Health {
  for (const [rank, { tone, applies }] of rules.entries()) {
    const reason = applies(now, before);
    if (reason !== null) return { tone, reason, rank };
  }
  return { tone: 'good', reason: 'as usual', rank: rules.length };
}
