import type { Lsn } from '../cdc/change-source.ts';
import type { StreamState } from './stream-state.ts';

/** What Postgres says about itself and our slot. */
export interface SlotFacts {
  readonly systemIdentifier: string;
  /** Null when there is no such slot. `usable` is false when the log it needs is gone. */
  readonly slot: { readonly confirmed: Lsn; readonly usable: boolean } | null;
}

export type StartPlan =
  | { readonly kind: 'resume'; readonly state: StreamState }
  /** Copy everything, as a new generation. */
  | { readonly kind: 'copy'; readonly generation: number; readonly reason: string };

/**
 * Whether the stream can go on where it was. It can't when Postgres would not deliver every change since the position that
 * ClickHouse has applied: then everything is copied again and older rows that are gone are buried.
 */
export function planStart(state: StreamState | null, applied: Lsn | null, facts: SlotFacts, slot: string): StartPlan {
  const copy = (reason: string): StartPlan => ({ kind: 'copy', generation: (state?.generation ?? 0) + 1, reason });
  if (!state) return copy('first start');
  if (state.phase === 'snapshot') return copy('the last copy was broken off');
  if (state.slot !== slot) return copy(`the slot is called ${slot} now`);
  if (state.systemIdentifier !== facts.systemIdentifier) return copy('this is another Postgres cluster');
  if (!facts.slot) return copy(`replication slot ${slot} is gone`);
  if (!facts.slot.usable) return copy(`replication slot ${slot} has lost log it needs`);
  // Postgres forgets what is confirmed: a ClickHouse that was restored to an earlier state would miss what lies between.
  if (facts.slot.confirmed > (applied ?? BigInt(state.consistentPoint))) {
    return copy('ClickHouse is older than what was confirmed to Postgres');
  }
  return { kind: 'resume', state };
}
