/** Microseconds from 1970 to 2000, where Postgres' clock starts. */
const postgresEpoch = 946_684_800_000_000n;

/** A Postgres timestamp (µs since 2000) as a date, cut to milliseconds. */
export function dateOf(micros: bigint): Date {
  return new Date(Number((micros + postgresEpoch) / 1000n));
}

/** The same as text with all its microseconds, in UTC, as ClickHouse reads it. */
export function timeText(micros: bigint): string {
  const since1970 = micros + postgresEpoch;
  const text = new Date(Number(since1970 / 1000n)).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, 23)}${String(since1970 % 1000n).padStart(3, '0')}`;
}

/** Now, as Postgres counts it. */
export function postgresNow(): bigint {
  return BigInt(Date.now()) * 1000n - postgresEpoch;
}
