import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { AdminClient } from '../sql/postgres.ts';

/** Each computes some KPIs from Postgres' tables alone; verify/oracle/README.md says how they are put together. */
export const oracleFamilies = [
  'sales',
  'sales-by-line',
  'customers',
  'retention',
  'fulfilment',
  'open-orders',
  'cohort',
  'payments',
  'stock',
  'platform',
] as const;

export type OracleFamily = (typeof oracleFamilies)[number];

export interface OracleFigure {
  readonly kpi: string;
  /** Slug of the brand, or '*' for the platform. */
  readonly scope: string;
  readonly grain: string;
  /** First day of the bucket in the scope's zone, for hours the seconds since 1970; '' without grain. */
  readonly bucket: string;
  /** '' without; stock_by_state's are '+status' or e.g. 'sku+status'. */
  readonly dimension: string;
  /** Value of the dimension. */
  readonly slice: string | null;
  /** Exact text with the API's scale; null where the denominator is 0; 'missing rate' where a currency has no rate. */
  readonly value: string | null;
}

export interface OracleScope {
  /** Ids of brands; null for all. */
  readonly tenants: readonly string[] | null;
  /** Set for the platform's figures: all brands together, in this currency, in UTC. */
  readonly reportingCurrency: string | null;
}

const read = (name: string) => readFileSync(path.join(import.meta.dirname, 'oracle', `${name}.sql`), 'utf8');

/** The whole statement of a family; $1 tenant ids or null, $2 reporting currency or null. */
export function oracleSql(family: OracleFamily): string {
  return `WITH\n${read('scope')}\n${read(family)}\n${read('result')}`;
}

/** Runs one family in the client's transaction. Exact decimals throughout: no float ever. */
export async function askOracle(
  client: AdminClient,
  family: OracleFamily,
  scope: OracleScope,
): Promise<OracleFigure[]> {
  const { rows } = await client.query<OracleFigure>(oracleSql(family), [scope.tenants, scope.reportingCurrency]);
  return rows;
}
