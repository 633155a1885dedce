// What an instance says of itself, as far as the platform endpoints show it: the details of /readyz and the stream's findings.
import { z } from '@hono/zod-openapi';

const instantText = z.string();

export const serviceSchema = z
  .object({
    name: z.string(),
    state: z.enum(['starting', 'up', 'silent', 'restarting', 'stopped']),
    restarts: z.number(),
    reason: z.string().nullable().openapi({ description: 'Why it is silent or last ended; null when it never did.' }),
    since: instantText.openapi({ description: 'When it entered its state.' }),
  })
  .openapi('PlatformProcess');

export const streamSchema = z
  .object({
    state: z.enum(['starting', 'stalled', 'lagging', 'idle', 'live']),
    problem: z.string().nullable().default(null),
    position: z.string(),
    lagBytes: z.number(),
    lastCommit: instantText.nullable(),
    appliedAt: instantText.nullable().openapi({ description: 'When figures last moved, heartbeats included.' }),
    delayMs: z.number().nullable().default(null).openapi({
      description: 'Commit → figures, the longest of the last ten seconds; null when nothing was committed.',
    }),
    rowsPerSecond: z.number(),
    deadLetters: z.number(),
    staleKeys: z.number(),
    restarts: z.number(),
    storeMs: z.number(),
    refreshMs: z.number(),
    drift: z.number().default(0),
    sampled: z.number().default(0),
  })
  .openapi('PlatformStream');

export const detailsSchema = z.object({
  services: z.array(serviceSchema).default([]),
  stream: streamSchema.nullable().default(null),
});

export const findingsSchema = z.object({
  deadLetters: z
    .array(
      z.object({
        id: z.string(),
        table: z.string(),
        key: z.string(),
        tenantId: z.string(),
        firstSeen: z.string(),
        reason: z.string(),
      }),
    )
    .default([]),
  drift: z
    .array(z.object({ table: z.string(), key: z.string(), detail: z.string(), checkedAt: z.string() }))
    .default([]),
  checks: z.array(z.object({ table: z.string(), checked: z.number(), checkedAt: z.string() })).default([]),
});

export type ServiceState = z.output<typeof serviceSchema>;
export type StreamState = z.output<typeof streamSchema>;
export type Findings = z.output<typeof findingsSchema>;

export interface InstanceState {
  /** Why it is not ready; empty when it is. */
  readonly reasons: readonly string[];
  readonly services: readonly ServiceState[];
  /** Null when the stream does not answer, or nobody runs one here. */
  readonly stream: StreamState | null;
}
