import type { InstanceView } from './child-protocol.ts';

/** The part of the stream's GET /status that decides about readiness. */
export interface StreamHealth {
  readonly state: string;
  /** What it waits for, or what failed last. */
  readonly problem: string | null;
  readonly deadLetters: number;
}

/** Why the instance can't serve exact and fresh figures now; empty means ready. */
export function unreadyReasons(view: InstanceView | null, stream: StreamHealth | null): string[] {
  if (view === null) return ['starting'];
  const reasons = [...view.pending];
  for (const { name, state, reason } of view.services) {
    // Whoever is asked is the API itself; the demo's traffic is nothing the product needs.
    if (name === 'api' || name === 'demo' || state === 'up') continue;
    reasons.push(reason ? `${name} is ${state}: ${reason}` : `${name} is ${state}`);
  }
  if (reasons.length > 0) return reasons;
  if (stream === null) return ['the stream does not answer'];
  const why = stream.problem && stream.problem !== 'starting' ? `: ${stream.problem.slice(0, 300)}` : '';
  if (stream.state === 'stalled') return [`the stream is stalled${why || ': figures are not kept fresh'}`];
  if (stream.state === 'starting') return [`the stream is starting${why}`];
  return [];
}
