// What the platform knows of itself: GET /readyz, asked every two seconds while a page shows it.
import { useQuery } from '@tanstack/react-query';

export interface ServiceState {
  readonly name: string;
  readonly state: 'starting' | 'up' | 'restarting' | 'stopped';
  readonly restarts: number;
  readonly reason: string | null;
  readonly since: string;
}

export interface StreamState {
  readonly state: string;
  readonly problem: string | null;
  readonly position: string;
  readonly lagBytes: number;
  readonly lastCommit: string | null;
  readonly appliedAt: string | null;
  readonly rowsPerSecond: number;
  readonly deadLetters: number;
  readonly staleKeys: number;
  readonly restarts: number;
  readonly storeMs: number;
  readonly refreshMs: number;
}

interface Readiness {
  readonly reasons: readonly string[];
  readonly details: {
    readonly services?: readonly ServiceState[];
    readonly stream?: StreamState | null;
    readonly drift?: readonly unknown[] | number;
  };
}

export interface Alert {
  readonly tone: 'bad' | 'warn';
  readonly text: string;
}

export interface Platform {
  readonly isKnown: boolean;
  readonly services: readonly ServiceState[];
  readonly stream: StreamState | null;
  readonly drift: number;
  readonly alerts: readonly Alert[];
}

export function usePlatform(): Platform {
  const { data, isError } = useQuery({
    queryKey: ['readyz'],
    // 503 is an answer too: it says why.
    queryFn: async () => (await (await fetch('/readyz')).json()) as Readiness,
    refetchInterval: 2_000,
  });
  const { services = [], stream = null, drift = 0 } = data?.details ?? {};
  const drifted = Array.isArray(drift) ? drift.length : Number(drift);
  return {
    ...{ isKnown: data !== undefined || isError, services, stream, drift: drifted },
    alerts: isError
      ? [{ tone: 'bad', text: 'The API does not answer.' }]
      : alertsOf(data?.reasons ?? [], stream, drifted, services),
  };
}

/** Pure, so that each alert can be tested. */
export function alertsOf(
  reasons: readonly string[],
  stream: StreamState | null,
  drift: number,
  services: readonly ServiceState[],
): Alert[] {
  const alerts: Alert[] = reasons.map((text) => ({ tone: 'bad', text }));
  if (stream?.state === 'lagging') {
    alerts.push({ tone: 'warn', text: `The stream lags: ${Math.round(stream.lagBytes / 1024)} KiB of the log wait.` });
  }
  if (stream !== null && stream.deadLetters > 0) {
    alerts.push({ tone: 'bad', text: `${stream.deadLetters} changes could not be applied: see \`uco dead-letters\`.` });
  }
  if (drift > 0) alerts.push({ tone: 'bad', text: `${drift} rows differ from Postgres: run \`uco verify\`.` });
  for (const { name, state, restarts, reason } of services) {
    if (state === 'up' && restarts > 0) {
      alerts.push({
        tone: 'warn',
        text: `${name} was restarted ${restarts} ${restarts === 1 ? 'time' : 'times'}: ${reason ?? ''}`,
      });
    }
  }
  return alerts;
}
