import { Gauge, type Registry } from 'prom-client';
import type { StreamStatus } from './control-client.ts';

const gauges = {
  lagBytes: ['uco_stream_lag_bytes', 'Write-ahead log that waits to be applied.'],
  deadLetters: ['uco_stream_dead_letters', 'Changes that could not be applied and wait.'],
  staleKeys: ['uco_stream_stale_keys', 'Keys that wait because of them.'],
  clamped: ['uco_stream_clamped_values', 'Values stored as the nearest possible one since the stream started.'],
  drift: ['uco_sample_drift', 'Keys found to differ between the stores.'],
  sampled: ['uco_sample_checked', 'Keys compared by the background sample since the stream started.'],
} as const;

/** Registers the stream's figures; `status` is asked once per scrape. Without an answer they keep their last value. */
export function addStreamGauges(registry: Registry, status: () => Promise<StreamStatus | null>): void {
  const up = new Gauge({
    name: 'uco_stream_up',
    help: 'Whether the stream answers.',
    registers: [registry],
    collect: async () => {
      const now = await status();
      up.set(now ? 1 : 0);
      if (!now) return;
      for (const [key, gauge] of all) gauge.set(now[key]);
    },
  });
  const all = Object.entries(gauges).map(
    ([key, [name, help]]) => [key as keyof typeof gauges, new Gauge({ name, help, registers: [registry] })] as const,
  );
}
