import type { WaitingKey } from './dead-keys.ts';
import type { FactComparison } from './facts-comparison.ts';
import type { KpiComparison } from './kpi-comparison.ts';
import type { RowDifference, TableComparison } from './raw-comparison.ts';

/** What `verify --json` prints. */
export interface VerifyReport {
  readonly ok: boolean;
  /** Where both sides stood, `X/Y`. */
  readonly position: string;
  readonly milliseconds: number;
  /** Rows, facts and figures that differ. */
  readonly differing: number;
  readonly tables: TableComparison[];
  readonly facts: FactComparison[];
  readonly kpis: KpiComparison[];
  /** Known to be outdated: their change waits among the dead letters. */
  readonly waiting: readonly WaitingKey[];
}

const kinds: Readonly<Record<RowDifference['kind'], string>> = {
  missing: 'is missing in raw',
  extra: 'is in raw only',
  differs: 'differs',
};

const shorten = (value: unknown) => {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 160 ? `${text.slice(0, 157)}…` : text;
};

/** `column: Postgres' value ≠ the other's` for every column of either side. */
function columns(left: Readonly<Record<string, unknown>> | null, right: Readonly<Record<string, unknown>> | null) {
  if (!left || !right) return [];
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].map((name) => `      ${name}: ${shorten(left[name])} ≠ ${shorten(right[name])}`);
}

function isWaiting(report: VerifyReport, table: string, key: string): string {
  const letter = report.waiting.find((waiting) => waiting.table === table && waiting.key === key);
  return letter ? ` (known: a change of it waits among the dead letters: ${letter.reason})` : '';
}

function rowLines(report: VerifyReport): string[] {
  return report.tables
    .filter(({ differing }) => differing > 0)
    .flatMap(({ table, differing, named }) => [
      `✗ ${table}: ${differing} rows differ`,
      ...named.flatMap((row) => [
        `    ${row.key} ${kinds[row.kind]}${isWaiting(report, row.table, row.key)}`,
        ...columns(row.postgres, row.raw),
      ]),
    ]);
}

function factLines(report: VerifyReport): string[] {
  return report.facts
    .filter(({ differing }) => differing > 0)
    .flatMap(({ model, differing, named }) => [
      `✗ ${model}: ${differing} facts are not what raw yields`,
      ...named.flatMap((fact) => [
        `    ${fact.tenant},${fact.key}${fact.stored ? '' : ' is missing'}${fact.recomputed ? '' : ' should not be there'}`,
        ...columns(fact.stored, fact.recomputed),
      ]),
    ]);
}

function kpiLines(report: VerifyReport): string[] {
  return report.kpis
    .filter(({ differing }) => differing > 0)
    .flatMap(({ brands, differing, named }) => [
      `✗ KPIs of ${brands.slice(0, 10).join(', ')}${brands.length > 10 ? ' …' : ''}: ${differing} figures differ`,
      ...named.map((figure) => {
        const where = [figure.bucket, figure.dimension && `${figure.dimension} ${shorten(figure.slice)}`].filter(
          Boolean,
        );
        const at = [figure.grain, ...where].join(', ');
        return `    ${figure.kpi} of ${figure.brand} (${at}): Postgres ${figure.postgres}, marts ${figure.marts}`;
      }),
    ]);
}

/** The report for people: the differences, then one line of counts. */
export function formatReport(report: VerifyReport): string {
  const rows = report.tables.reduce((sum, { rows: count }) => sum + count, 0);
  const facts = report.facts.reduce((sum, { rows: count }) => sum + count, 0);
  const figures = report.kpis.reduce((sum, { figures: count }) => sum + count, 0);
  const withoutRates = report.kpis.reduce((sum, kpi) => sum + kpi.withoutRates, 0);
  return [
    ...rowLines(report),
    ...factLines(report),
    ...kpiLines(report),
    ...report.waiting.map(({ table, key, reason }) => `✗ ${table} ${key} waits among the dead letters: ${reason}`),
    ...(withoutRates > 0 ? [`${withoutRates} questions have no money to compare: a currency has no rate.`] : []),
    `${report.ok ? 'No difference' : `${report.differing} differences`} at ${report.position}: ${rows} rows of ${report.tables.length} tables, ` +
      `${facts} facts and ${figures} KPI figures compared in ${(report.milliseconds / 1000).toFixed(1)} s.`,
  ].join('\n');
}
