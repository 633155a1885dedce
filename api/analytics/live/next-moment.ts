import { DateTime } from 'luxon';
import { kpi } from '../catalogue.ts';
import type { KpiQuery } from '../request.ts';

/** What follows time itself is this exact; figures of a day, an hour are exact at its turn. */
const RUNNING_MS = 60_000;
/** Everything is computed anew this often, whether or not a movement was told. */
const ALWAYS_MS = 300_000;

/**
 * When an answer of `now` may be another although no mart moved: at midnight of the zone (presets), at midnight UTC (the
 * exchange rates of states), at the full hour (series by hour), and after a minute where figures run with the clock.
 */
export function nextMoment(query: KpiQuery, zone: string, now: Date): Date {
  const here = DateTime.fromJSDate(now, { zone });
  const moments = [
    here.startOf('day').plus({ days: 1 }).startOf('day'),
    DateTime.fromJSDate(now, { zone: 'utc' }).startOf('day').plus({ days: 1 }),
    ...(query.grain === 'hour' ? [here.startOf('hour').plus({ hours: 1 })] : []),
    here.plus({ milliseconds: runsWithTheClock(query) ? RUNNING_MS : ALWAYS_MS }),
  ];
  return new Date(Math.min(...moments.map((moment) => moment.toMillis()).filter((ms) => ms > now.getTime())));
}

function runsWithTheClock({ measures, compareTo }: KpiQuery): boolean {
  const runs = measures
    .map((id) => kpi(id).compute)
    .some(
      (formula) =>
        formula.kind === 'per hour' || (formula.kind === 'ratio' && formula.numerator.includes('micros_since_commit')),
    );
  return runs || compareTo !== undefined;
}
