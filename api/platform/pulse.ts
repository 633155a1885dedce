import type { StreamState } from './instance.ts';

/** How the path was at a moment. */
export interface Beat {
  /** ISO 8601. */
  readonly at: string;
  readonly state: StreamState['state'] | 'silent';
  /** By how much figures were behind the shops, milliseconds; null when nothing was committed. */
  readonly behindMs: number | null;
  readonly lagBytes: number | null;
  readonly rowsPerSecond: number | null;
}

const KEEP_MS = 60 * 60_000;

/**
 * The last hour of the path, a beat every few seconds. Kept by the process that answers: so it also tells of a stream that is gone, and
 * begins anew with the process.
 */
export class Pulse {
  #beats: Beat[] = [];
  #movedAt: string | null = null;

  /** Notes what the stream says now; null when it does not answer. */
  beat(stream: StreamState | null, now: Date): void {
    this.#movedAt = stream?.appliedAt ?? this.#movedAt;
    this.#beats.push({
      at: now.toISOString(),
      state: stream?.state ?? 'silent',
      behindMs: this.#behind(stream, now),
      lagBytes: stream?.lagBytes ?? null,
      rowsPerSecond: stream?.rowsPerSecond ?? null,
    });
    const oldest = now.getTime() - KEEP_MS;
    const first = this.#beats.findIndex(({ at }) => Date.parse(at) >= oldest);
    if (first > 0) this.#beats.splice(0, first);
  }

  /** Oldest first. */
  get beats(): readonly Beat[] {
    return this.#beats;
  }

  /** When figures last moved as far as this process saw, ISO 8601. */
  get movedAt(): string | null {
    return this.#movedAt;
  }

  /** Figures that do not move are behind by as long as they have stood. */
  #behind(stream: StreamState | null, now: Date): number | null {
    if (stream !== null && (stream.state === 'live' || stream.state === 'idle')) return stream.delayMs;
    if (stream?.state === 'lagging' && stream.delayMs !== null) return stream.delayMs;
    return this.#movedAt === null ? null : Math.max(0, now.getTime() - Date.parse(this.#movedAt));
  }
}
