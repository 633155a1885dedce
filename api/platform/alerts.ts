// What the platform itself knows to be wrong. Rules are pure; documented in control-tower/README.md.
import type { Findings, InstanceState, ServiceState, StreamState } from './instance.ts';
import type { QuietBrand } from './quiet-brands.ts';

/** Where to look: what the control tower shows of it. */
export type About = 'process' | 'stream' | 'dead-letters' | 'drift' | 'brand';

export interface Alert {
  /** The same as long as it is about the same. */
  readonly id: string;
  readonly tone: 'bad' | 'warn';
  readonly about: About;
  readonly title: string;
  /** What it costs or affects. */
  readonly effect: string;
  /** Slugs of the brands it affects; empty means all of them. */
  readonly brands: readonly string[];
  /** ISO 8601; null when only known since it was noticed. */
  readonly since: string | null;
}

export interface PlatformFacts {
  readonly instance: InstanceState;
  readonly findings: Findings | null;
  readonly quiet: readonly QuietBrand[];
  /** Brand id → slug. */
  readonly slugs: ReadonlyMap<string, string>;
  /** When figures last moved, as far as anybody saw; ISO 8601. */
  readonly lastMoved: string | null;
  readonly now: Date;
}

/** How long a restart stays an alert. */
const RESTART_MS = 15 * 60_000;

/** Worst first. */
export function alertsOf(facts: PlatformFacts): Alert[] {
  const { instance, findings, quiet, slugs, lastMoved, now } = facts;
  const alerts = [
    ...instance.services.flatMap((service) => ofService(service, now)),
    ...ofStream(instance, lastMoved),
    ...ofDeadLetters(findings, instance.stream, slugs),
    ...ofDrift(findings, slugs),
    ...quiet.map(ofQuiet),
  ];
  return [...alerts.filter(({ tone }) => tone === 'bad'), ...alerts.filter(({ tone }) => tone === 'warn')];
}

const effects: Readonly<Record<string, string>> = {
  postgres: 'Shops can not place or change anything; figures stay as they are.',
  clickhouse: 'No figure can be read. Nothing is lost: changes wait in Postgres.',
  stream:
    'Figures of all brands stand still. Nothing is lost: changes wait in Postgres and are applied when it is back.',
  api: 'Neither shops nor dashboards are answered.',
  demo: 'The demo has no live traffic; the product is not affected.',
};

function ofService({ name, state, restarts, reason, since }: ServiceState, now: Date): Alert[] {
  const shared = { about: 'process', brands: [], since } as const;
  const effect = effects[name] ?? '';
  if (state !== 'up' && state !== 'starting') {
    const why = reason === null ? '' : `: ${reason}`;
    return [{ ...shared, id: `process ${name}`, tone: 'bad', title: `${name} is ${state}${why}`, effect }];
  }
  const isRecent = now.getTime() - Date.parse(since) < RESTART_MS;
  if (state !== 'up' || restarts === 0 || !isRecent) return [];
  const times = restarts === 1 ? 'once' : `${restarts} times`;
  const title = `${name} was restarted, ${times} since the start: ${reason ?? 'for no known reason'}`;
  return [
    {
      ...shared,
      id: `restart ${name}`,
      tone: 'warn',
      title,
      effect: 'It works again, and made up for what it missed.',
    },
  ];
}

function ofStream({ services, stream, reasons }: InstanceState, lastMoved: string | null): Alert[] {
  const shared = { id: 'stream', about: 'stream', brands: [], since: lastMoved } as const;
  const effect = 'Figures of all brands stand still since then. Nothing is lost: they catch up when it goes on.';
  // Its process says more.
  const isDown = services.some(({ name, state }) => name === 'stream' && state !== 'up');
  if (services.length === 0 || isDown) return [];
  if (stream === null) return [{ ...shared, tone: 'bad', title: 'The change stream does not answer', effect }];
  if (stream.state === 'stalled' || (stream.state === 'starting' && reasons.length > 0)) {
    const why = stream.problem === null ? '' : `: ${stream.problem}`;
    return [{ ...shared, tone: 'bad', title: `The change stream is ${stream.state}${why}`, effect }];
  }
  if (stream.state !== 'lagging') return [];
  const behind = stream.delayMs === null ? '' : `, the newest by ${(stream.delayMs / 1_000).toFixed(1)} s`;
  return [
    {
      ...shared,
      tone: 'warn',
      title: `The change stream lags: ${bytes(stream.lagBytes)} of the log wait`,
      effect: `Figures of all brands come late${behind}.`,
    },
  ];
}

function ofDeadLetters(findings: Findings | null, stream: StreamState | null, slugs: PlatformFacts['slugs']): Alert[] {
  const letters = findings?.deadLetters ?? [];
  const waiting = Math.max(letters.length, stream?.deadLetters ?? 0);
  if (waiting === 0) return [];
  const tables = [...new Set(letters.map(({ table }) => table))].sort().join(', ');
  const rows = stream?.staleKeys ?? new Set(letters.map(({ table, key }) => `${table} ${key}`)).size;
  return [
    {
      ...{ id: 'dead letters', tone: 'bad', about: 'dead-letters' },
      title: `${counted(waiting, 'change')} could not be applied`,
      effect: `${counted(rows, 'row')}${tables === '' ? '' : ` of ${tables}`} count as they were before. All other rows are up to date.`,
      brands: slugsOf(
        letters.map(({ tenantId }) => tenantId),
        slugs,
      ),
      since: letters.map(({ firstSeen }) => firstSeen).sort()[0] ?? null,
    },
  ];
}

function ofDrift(findings: Findings | null, slugs: PlatformFacts['slugs']): Alert[] {
  const drift = findings?.drift ?? [];
  if (drift.length === 0) return [];
  const tables = [...new Set(drift.map(({ table }) => table))].sort().join(', ');
  return [
    {
      ...{ id: 'drift', tone: 'bad', about: 'drift' },
      title: `${counted(drift.length, 'row')} ${drift.length === 1 ? 'differs' : 'differ'} from Postgres`,
      effect: `Figures that count these rows of ${tables} are wrong. “uco verify” names every difference, “uco rebuild” mends facts.`,
      // Keys begin with the brand.
      brands: slugsOf(
        drift.map(({ key }) => key.split(',')[0] ?? ''),
        slugs,
      ),
      since: null,
    },
  ];
}

function ofQuiet({ slug, name, lastOrder, expectedOrders, expectedSales, currency, timezone }: QuietBrand): Alert {
  return {
    ...{ id: `quiet ${slug}`, tone: 'warn', about: 'brand', brands: [slug], since: lastOrder },
    title: `${name} has no orders in its usual hours`,
    effect:
      `In the same hours of the last four weeks (days of ${timezone}) there were ${expectedOrders} orders on average, ` +
      `worth ${expectedSales} ${currency}.`,
  };
}

function slugsOf(ids: readonly string[], slugs: PlatformFacts['slugs']): string[] {
  return [...new Set(ids.flatMap((id) => slugs.get(id) ?? []))].sort();
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

function bytes(count: number): string {
  return count < 1_048_576 ? `${Math.ceil(count / 1_024)} KiB` : `${(count / 1_048_576).toFixed(1)} MiB`;
}
