import { z } from 'zod';
import { createClickHouse, queryRows } from '../ingestion/clickhouse.ts';
import { type StreamStatus, streamStatus } from './control-client.ts';
import type { Run } from './run-file.ts';

export interface Status {
  readonly url: string;
  readonly ready: boolean;
  /** Why it is not ready. */
  readonly reasons: readonly string[];
  readonly processes: readonly ProcessStatus[];
  /** The stream's own account; null when it does not answer. */
  readonly stream: StreamStatus | null;
  /** Newest change applied per brand. `secondsAgo` says when it was committed, not how late it came. */
  readonly brands: readonly { slug: string; commitTime: string | null; secondsAgo: number | null }[];
}

export interface ProcessStatus {
  readonly name: string;
  readonly pid: number;
  readonly port: number | null;
  readonly state: string;
  readonly restarts: number;
  readonly reason: string | null;
}

const readySchema = z.object({
  reasons: z.array(z.string()),
  details: z.looseObject({
    services: z.array(
      z.object({ name: z.string(), state: z.string(), restarts: z.number(), reason: z.string().nullable() }),
    ),
  }),
});

/** Asks the API, the stream and ClickHouse of a running instance; whatever does not answer is reported, never thrown. */
export async function readStatus(run: Run): Promise<Status> {
  const [health, stream, brands] = await Promise.all([
    readyz(run.url),
    run.control ? streamStatus(run.control).catch(() => null) : null,
    freshness(run.clickhouse.url).catch(() => []),
  ]);
  const processes = run.processes.map(({ name, pid }) => {
    const known = health?.details.services.find((service) => service.name === name);
    const { state = 'up', restarts = 0, reason = null } = known ?? {};
    return { name, pid, port: portOf(name, run), state, restarts, reason };
  });
  const reasons = health?.reasons ?? ['the API does not answer'];
  return { url: run.url, ready: reasons.length === 0, reasons, processes, stream, brands };
}

async function readyz(url: string) {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(3_000) });
    return readySchema.parse(await response.json());
  } catch {
    return null;
  }
}

function portOf(name: string, run: Run): number | null {
  const urls: Record<string, string | undefined> = {
    postgres: run.postgres.url,
    clickhouse: run.clickhouse.url,
    stream: run.control?.url,
    api: run.url,
  };
  const url = urls[name];
  return url ? Number(new URL(url).port) : null;
}

async function freshness(clickhouseUrl: string): Promise<Status['brands']> {
  const client = createClickHouse(clickhouseUrl, { max_execution_time: 3 });
  try {
    const rows = await queryRows<{ slug: string; time: string; ago: number }>(
      client,
      `SELECT tenants.slug AS slug, formatDateTime(max(progress.commit_time), '%FT%T.%fZ', 'UTC') AS time,
         toFloat64(now64(6) - max(progress.commit_time)) AS ago
       FROM raw.tenants AS tenants FINAL LEFT JOIN ops.progress AS progress FINAL ON progress.tenant_id = tenants.id
       GROUP BY slug ORDER BY slug`,
    );
    return rows.map(({ slug, time, ago }) =>
      time.startsWith('1970')
        ? { slug, commitTime: null, secondsAgo: null }
        : { slug, commitTime: time, secondsAgo: ago },
    );
  } finally {
    await client.close();
  }
}
