import type { Lsn } from '../cdc/change-source.ts';

/** Those who wait for a position to be applied. Outlives reconnects. */
export class PositionWaiters {
  #applied: Lsn = -1n;
  #waiting: { position: Lsn; resolve: () => void }[] = [];

  /** Resolves once everything before `position` is applied. */
  reached(position: Lsn): Promise<void> {
    if (this.#applied >= position) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ position, resolve }));
  }

  /** True when somebody waits for a position up to this one. */
  due(position: Lsn): boolean {
    return this.#waiting.some((waiter) => waiter.position <= position);
  }

  applied(position: Lsn): void {
    this.#applied = position;
    const ready = this.#waiting.filter((waiter) => waiter.position <= position);
    this.#waiting = this.#waiting.filter((waiter) => waiter.position > position);
    for (const waiter of ready) waiter.resolve();
  }
}
