import { DateTime } from 'luxon';
import { kpi } from '../catalogue.ts';
import { component } from '../components.ts';
import { componentsOf } from '../formula-sql.ts';
import type { KpiQuery } from '../request.ts';
import { sources } from '../sources.ts';

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

function runsWithTheClock({ measures, compareTo, dimensions, filters }: KpiQuery): boolean {
  const kpis = measures.map(kpi);
  if (compareTo !== undefined || kpis.some(({ compute }) => compute.kind === 'per hour')) return true;
  const asked = [...dimensions, ...filters.map(({ dimension }) => dimension)];
  return kpis.flatMap(componentsOf).some((id) => {
    const { sql, source } = component(id);
    const { where, dimensions: columns } = sources[source];
    return [sql, where, ...asked.map((dimension) => columns[dimension])].some((text) => text?.includes('{now}'));
  });
}
