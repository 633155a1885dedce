/** The nearest value ClickHouse can hold, for the few that lie outside its ranges. */
import { dateBounds, timestampBounds } from '../type-map.ts';

/** Stored text for an out-of-range timestamp, date or decimal, given Postgres' text. */
export function clampedText(kind: 'timestamp' | 'date' | 'decimal', original: string): string {
  // NaN is near nothing; 0 keeps sums finite, and the report names the row.
  if (kind === 'decimal') return '0';
  const bounds = kind === 'date' ? dateBounds : timestampBounds;
  return isBefore(original) ? bounds.low : bounds.high;
}

function isBefore(original: string): boolean {
  if (original === '-infinity' || original.endsWith('BC')) return true;
  if (original === 'infinity') return false;
  return Number.parseInt(original, 10) < 1900;
}
