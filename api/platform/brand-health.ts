// Health of a brand: stated rules over its figures and what the platform knows, each with its reason. The first that applies leads.
// Documented in control-tower/README.md; change both.
import type { Alert } from './alerts.ts';

export type Figure = string | number | null;
export type Figures = Readonly<Record<string, Figure | undefined>>;

export interface Health {
  readonly tone: 'good' | 'warn' | 'bad' | 'off';
  /** All that apply, the heaviest first. */
  readonly reasons: readonly string[];
  /** For sorting: what needs a look comes first. */
  readonly rank: number;
}

export interface HealthInput {
  readonly slug: string;
  readonly isSuspended: boolean;
  /** Figures of the period. */
  readonly now: Figures;
  /** Of its comparison; null without one. */
  readonly before: Figures | null;
  readonly alerts: readonly Alert[];
}

interface Rule {
  readonly id: string;
  readonly tone: 'warn' | 'bad';
  /** What it says, in general. */
  readonly rule: string;
  /** The reason when it applies. */
  readonly applies: (input: HealthInput) => string | null;
}

const number = (figures: Figures | null, id: string) =>
  figures?.[id] === null || figures?.[id] === undefined ? null : Number(figures[id]);
const percent = (value: number) => `${(value * 100).toFixed(1)}%`;

const alerted = (id: string, tone: Rule['tone'], about: Alert['about'], rule: string, reason: string): Rule => ({
  ...{ id, tone, rule },
  applies: ({ slug, alerts }) =>
    alerts.some((alert) => alert.about === about && alert.brands.includes(slug)) ? reason : null,
});

const ratio = (
  id: string,
  tone: Rule['tone'],
  rule: string,
  measure: string,
  isOff: (value: number) => boolean,
  say: string,
): Rule => ({
  ...{ id, tone, rule },
  applies: ({ now }) => {
    const value = number(now, measure);
    return value !== null && isOff(value) ? `${percent(value)} ${say}` : null;
  },
});

/** In order of weight. */
export const rules: readonly Rule[] = [
  alerted(
    'dead-letters',
    'bad',
    'dead-letters',
    'changes of it could not be applied',
    'changes of it wait to be applied',
  ),
  alerted('drift', 'bad', 'drift', 'rows of it differ from Postgres', 'rows of it differ from Postgres'),
  {
    ...{ id: 'no-orders', tone: 'bad', rule: 'no orders, but some in the comparison' },
    applies: ({ now, before }) =>
      (number(now, 'orders') ?? 0) === 0 && (number(before, 'orders') ?? 0) > 0
        ? 'no orders, but had some before'
        : null,
  },
  ratio('late', 'bad', 'less than 80% delivered on time', 'on_time_rate', (value) => value < 0.8, 'delivered on time'),
  {
    ...{
      id: 'sales-down',
      tone: 'bad',
      rule: 'net sales in its currency down by more than 30% against the comparison',
    },
    applies: ({ now, before }) => {
      const [a, b] = [number(now, 'net_sales') ?? 0, number(before, 'net_sales')];
      return b !== null && b > 0 && a < b * 0.7 ? `net sales down ${percent(1 - a / b)}` : null;
    },
  },
  alerted('quiet', 'warn', 'brand', 'no orders in its usual hours', 'no orders in its usual hours'),
  {
    ...{ id: 'some-late', tone: 'warn', rule: 'less than 92% delivered on time' },
    applies: ({ now }) => {
      const value = number(now, 'on_time_rate');
      return value !== null && value >= 0.8 && value < 0.92 ? `${percent(value)} delivered on time` : null;
    },
  },
  ratio(
    'cancelled',
    'warn',
    'more than 6% of orders cancelled',
    'cancellation_rate',
    (value) => value > 0.06,
    'cancelled',
  ),
  ratio(
    'returned',
    'warn',
    'more than 15% of sales returned',
    'return_rate_value',
    (value) => value > 0.15,
    'of sales returned',
  ),
];

/** Measures that the rules read: those without money, and those in the brand's own currency. */
export const healthMeasures = {
  counted: ['orders', 'on_time_rate', 'cancellation_rate'],
  money: ['net_sales', 'return_rate_value'],
} as const;

export function healthOf(input: HealthInput): Health {
  if (input.isSuspended) return { tone: 'off', reasons: ['suspended'], rank: rules.length + 2 };
  const found = rules.flatMap((rule, rank) => {
    const reason = rule.applies(input);
    return reason === null ? [] : [{ tone: rule.tone, reason, rank }];
  });
  const [first] = found;
  // Of a brand without orders no rule can tell anything, so it is not called well either.
  if (first === undefined && (number(input.now, 'orders') ?? 0) === 0)
    return { tone: 'off', reasons: ['no orders'], rank: rules.length + 1 };
  if (first === undefined) return { tone: 'good', reasons: ['as usual'], rank: rules.length };
  return { tone: first.tone, reasons: found.map(({ reason }) => reason), rank: first.rank };
}
