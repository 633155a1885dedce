// The only file that reads process.env: every other one is handed the values it needs.
import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import { AddressRanges } from '../api/address-ranges.ts';

const port = z.coerce.number().int().min(1).max(65_535);
const addressRanges = z.string().transform((text, context) => {
  const ranges = text.split(/[\s,]+/).filter((range) => range !== '');
  try {
    new AddressRanges(ranges);
  } catch (error) {
    context.addIssue((error as Error).message);
  }
  return ranges;
});
const rateLimit = z.coerce.number().int().min(0).max(1_000_000_000);

/** One key per environment variable; the README's table is rendered from it (see `configTable`). */
export const configSchema = z.object({
  PORT: port.default(3000).describe('Port of the HTTP API.'),
  HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Address the HTTP API listens on. The engines always listen on 127.0.0.1 only.'),
  DATA_DIR: z
    .string()
    .min(1)
    .default('.data')
    .transform((dir) => (isAbsolute(dir) ? dir : resolve(dir)))
    .describe('Folder that holds everything: stores, secrets, logs, `run.json`. One running instance each.'),
  DEMO: z
    .enum(['on', 'seed', 'off'])
    .default('on')
    .describe(
      'Brands with 90 days of invented history, seeded into a store that has none: `seed`; `on` goes on with live traffic, `off` has no traffic and leaves data as they are.',
    ),
  DEMO_RATE: z.coerce
    .number()
    .positive()
    .max(6_000)
    .default(12)
    .describe("Orders per minute of the demo's live traffic, over all its brands, on a day's average."),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'must look like postgres://user:password@host:5432/database' })
    .optional()
    .describe('An existing Postgres 18+ (administrative login) to use instead of the embedded one.'),
  CLICKHOUSE_URL: z
    .url({ protocol: /^https?$/, error: 'must look like http://user:password@host:8123' })
    .optional()
    .describe('An existing ClickHouse (administrative login, HTTP) to use instead of the embedded one.'),
  PG_PORT: port.optional().describe('Port of the embedded Postgres; a free one when unset.'),
  CLICKHOUSE_HTTP_PORT: port.optional().describe('HTTP port of the embedded ClickHouse; a free one when unset.'),
  CLICKHOUSE_TCP_PORT: port.optional().describe('Native port of the embedded ClickHouse; a free one when unset.'),
  RATE_LIMIT_ANALYTICS: rateLimit
    .default(2_000)
    .describe('KPI requests that a brand may send in 10 seconds; 0 for no limit.'),
  RATE_LIMIT_READS: rateLimit
    .default(10_000)
    .describe('Other reading requests that a brand may send in 10 seconds; 0 for no limit.'),
  RATE_LIMIT_WRITES: rateLimit
    .default(10_000)
    .describe('Writing requests that a brand may send in 10 seconds; 0 for no limit.'),
  RATE_LIMIT_BULK: rateLimit.default(100).describe('Bulk creates that a brand may send in 10 seconds; 0 for no limit.'),
  TRUSTED_PROXIES: addressRanges
    .default([])
    .describe(
      'Addresses and ranges (`10.0.0.0/8, fd00::/8`) of proxies before the API whose `X-Forwarded-For` says who asks: for limits per address and the audit trail.',
    ),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Least severe level written to the logs.'),
});

export type Config = z.output<typeof configSchema>;

/** The environment is wrong; `message` names every key and what it must be. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads and checks the environment. An empty variable counts as unset. Throws ConfigError. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const present = Object.fromEntries(
    Object.keys(configSchema.shape).flatMap((key) => (env[key] ? [[key, env[key]]] : [])),
  );
  const parsed = configSchema.safeParse(present);
  if (parsed.success) return parsed.data;
  // A connection string may hold a password, so values are never echoed.
  const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new ConfigError(`The environment is not valid:\n${lines.join('\n')}`);
}

/** The environment handed to child processes: ours plus `extra`. */
export function childEnvironment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  return { ...process.env, ...extra };
}

/** Markdown table of all keys for the README. */
export function configTable(): string {
  const rows = Object.entries(configSchema.shape).map(([key, schema]) => {
    const fallback = schema.safeParse(undefined);
    const raw = fallback.success && String(fallback.data ?? '') !== '' ? `\`${defaultOf(key)}\`` : '';
    return `| \`${key}\` | ${raw} | ${schema.description ?? ''} |`;
  });
  return ['| Variable | Default | Meaning |', '|---|---|---|', ...rows].join('\n');
}

function defaultOf(key: string): string {
  // DATA_DIR is resolved against the working directory: the table shows what is written in the schema.
  if (key === 'DATA_DIR') return '.data';
  return String(configSchema.parse({})[key as keyof Config]);
}
