// What the platform knows of itself (GET /api/v1/platform/…), asked again every few seconds while a page shows it.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api } from '../ui/api.ts';
import type { KpiQuery } from '../ui/kpi.ts';

export interface ServiceState {
  readonly name: string;
  readonly state: 'starting' | 'up' | 'silent' | 'restarting' | 'stopped';
  readonly restarts: number;
  readonly reason: string | null;
  readonly since: string;
}

export interface StreamState {
  readonly state: 'starting' | 'stalled' | 'lagging' | 'idle' | 'live';
  readonly problem: string | null;
  readonly position: string;
  readonly lagBytes: number;
  readonly lastCommit: string | null;
  readonly appliedAt: string | null;
  readonly delayMs: number | null;
  readonly rowsPerSecond: number;
  readonly deadLetters: number;
  readonly staleKeys: number;
  readonly storeMs: number;
  readonly refreshMs: number;
  readonly drift: number;
  readonly sampled: number;
}

export interface Pipeline {
  readonly reasons: readonly string[];
  readonly services: readonly ServiceState[];
  readonly stream: StreamState | null;
  readonly movedAt: string | null;
  readonly api: { readonly requestsPerSecond: number | null; readonly p95Ms: number | null; readonly streams: number };
  readonly deadLetters: readonly {
    readonly id: string;
    readonly table: string;
    readonly key: string;
    readonly brand: string | null;
    readonly firstSeen: string;
    readonly reason: string;
  }[];
  readonly drift: readonly {
    readonly table: string;
    readonly key: string;
    readonly detail: string;
    readonly checkedAt: string;
  }[];
  readonly checks: readonly { readonly table: string; readonly checked: number; readonly checkedAt: string }[];
}

export interface Beat {
  readonly at: string;
  readonly state: StreamState['state'] | 'silent';
  readonly behindMs: number | null;
  readonly lagBytes: number | null;
  readonly rowsPerSecond: number | null;
}

export interface Alert {
  readonly id: string;
  readonly tone: 'bad' | 'warn';
  readonly about: 'process' | 'stream' | 'dead-letters' | 'drift' | 'brand';
  readonly title: string;
  readonly effect: string;
  readonly brands: readonly string[];
  readonly since: string;
  readonly endedAt: string | null;
}

export interface Health {
  readonly tone: 'good' | 'warn' | 'bad' | 'off';
  readonly reasons: readonly string[];
  readonly rank: number;
}

export interface BrandState {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly currency: string;
  readonly timezone: string;
  readonly status: 'active' | 'suspended';
  readonly changedAt: string | null;
  readonly health: Health;
}

export interface AlertList {
  readonly current: readonly Alert[];
  readonly ended: readonly Alert[];
}

export interface BrandStates {
  readonly items: readonly BrandState[];
  readonly rules: readonly { readonly id: string; readonly tone: 'warn' | 'bad'; readonly rule: string }[];
  readonly alerts: AlertList;
}

export const usePipeline = () =>
  useQuery({
    queryKey: ['pipeline'],
    queryFn: () => api<Pipeline>('/api/v1/platform/pipeline'),
    refetchInterval: 3_000,
  });

export const useHistory = () =>
  useQuery({
    queryKey: ['history'],
    queryFn: () => api<{ beats: Beat[] }>('/api/v1/platform/history'),
    refetchInterval: 10_000,
  });

/** `comes`: they are about to come with the brands' health; they are asked for alone only after that. */
export const useAlerts = (comes: boolean) =>
  useQuery({
    queryKey: ALERTS,
    queryFn: () => api<AlertList>('/api/v1/platform/alerts'),
    enabled: !comes,
    refetchInterval: 5_000,
  });

const ALERTS = ['alerts'];

export type HealthQuery = Pick<KpiQuery, 'timeRange' | 'compareTo'>;

/** Every brand with its health over the period, what needs a look first. Brings the alerts along. */
export const useBrandStates = (query: HealthQuery) =>
  useQuery({
    queryKey: ['brand states', query],
    queryFn: async ({ client }) => {
      const states = await api<BrandStates>('/api/v1/platform/brands', { method: 'POST', body: query });
      client.setQueryData(ALERTS, states.alerts);
      return states;
    },
    refetchInterval: 10_000,
    placeholderData: keepPreviousData,
  });

/** Where an alert leads. */
export function placeOf({ about, brands }: Alert): string {
  const [brand] = brands;
  if (about === 'brand' && brand !== undefined) return `/brands/${brand}`;
  return '/pipeline';
}
