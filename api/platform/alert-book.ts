import type { Alert } from './alerts.ts';

export interface NotedAlert extends Alert {
  readonly since: string;
  /** ISO 8601; null while it lasts. */
  readonly endedAt: string | null;
}

/** How long an alert that is over is remembered. */
const KEEP_MS = 60 * 60_000;

/** Remembers since when each alert is known, and those that ended within the last hour. In memory: a new process knows the present only. */
export class AlertBook {
  #current = new Map<string, NotedAlert>();
  #ended: NotedAlert[] = [];

  /** What holds now; whatever held before and is not among it has ended. */
  note(alerts: readonly Alert[], now: Date): void {
    const at = now.toISOString();
    const next = new Map(
      alerts.map((alert) => [
        alert.id,
        { ...alert, since: alert.since ?? this.#current.get(alert.id)?.since ?? at, endedAt: null },
      ]),
    );
    const over = [...this.#current.values()].filter(({ id }) => !next.has(id));
    this.#ended = [...over.map((alert) => ({ ...alert, endedAt: at })), ...this.#ended].filter(
      ({ endedAt }) => now.getTime() - Date.parse(endedAt ?? at) < KEEP_MS,
    );
    this.#current = next;
  }

  get current(): readonly NotedAlert[] {
    return [...this.#current.values()];
  }

  /** Newest first. */
  get ended(): readonly NotedAlert[] {
    return this.#ended;
  }
}
