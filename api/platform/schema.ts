// Answers of the platform endpoints.
import { z } from '@hono/zod-openapi';
import { findingsSchema, serviceSchema, streamSchema } from './instance.ts';

const [letter, drift, check] = [
  findingsSchema.shape.deadLetters.unwrap().element,
  findingsSchema.shape.drift.unwrap().element,
  findingsSchema.shape.checks.unwrap().element,
];

export const pipelineSchema = z
  .object({
    reasons: z
      .array(z.string())
      .openapi({ description: 'Why figures are not exact and fresh now; empty when they are.' }),
    services: z.array(serviceSchema),
    stream: streamSchema.nullable().openapi({ description: 'Null when it does not answer.' }),
    movedAt: z.string().nullable().openapi({ description: 'When figures last moved, heartbeats included.' }),
    api: z.object({
      requestsPerSecond: z.number().nullable(),
      p95Ms: z.number().nullable().openapi({ description: '95 of 100 answers took no longer, streams left out.' }),
      streams: z.number(),
    }),
    deadLetters: z.array(letter.omit({ tenantId: true }).extend({ brand: z.string().nullable() })).openapi({
      description: 'At most 100, oldest change first; `stream.deadLetters` counts all.',
    }),
    drift: z.array(drift).openapi({ description: 'Rows the background sample found to differ; at most 100.' }),
    checks: z.array(check).openapi({ description: 'When the sample last looked at each table.' }),
  })
  .openapi('Pipeline');

export const historySchema = z
  .object({
    beats: z.array(
      z.object({
        at: z.string(),
        state: z.enum(['starting', 'stalled', 'lagging', 'idle', 'live', 'silent']),
        behindMs: z.number().nullable().openapi({
          description: 'By how much figures were behind the shops; null when nothing was committed.',
        }),
        lagBytes: z.number().nullable(),
        rowsPerSecond: z.number().nullable(),
      }),
    ),
  })
  .openapi('PipelineHistory');

const alertSchema = z
  .object({
    id: z.string(),
    tone: z.enum(['bad', 'warn']),
    about: z.enum(['process', 'stream', 'dead-letters', 'drift', 'brand']),
    title: z.string(),
    effect: z.string().openapi({ description: 'What it costs or affects.' }),
    brands: z.array(z.string()).openapi({ description: 'Slugs; empty for all.' }),
    since: z.string(),
    endedAt: z.string().nullable(),
  })
  .openapi('Alert');

export const alertsSchema = z
  .object({ current: z.array(alertSchema), ended: z.array(alertSchema) })
  .openapi('AlertList');

export const brandsSchema = z
  .object({
    items: z.array(
      z.object({
        id: z.string(),
        slug: z.string(),
        name: z.string(),
        currency: z.string(),
        timezone: z.string(),
        status: z.enum(['active', 'suspended']),
        changedAt: z.string().nullable().openapi({ description: 'Commit of its newest change that figures show.' }),
        health: z.object({
          tone: z.enum(['good', 'warn', 'bad', 'off']),
          reasons: z.array(z.string()).openapi({ description: 'All that apply, the heaviest first.' }),
          rank: z.number(),
        }),
      }),
    ),
    rules: z.array(z.object({ id: z.string(), tone: z.enum(['warn', 'bad']), rule: z.string() })),
    alerts: alertsSchema.openapi({ description: 'Of the same moment: health is judged by them too.' }),
  })
  .openapi('BrandHealthList');
