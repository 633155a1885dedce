import type { ChangeBatch } from '../cdc/change-source.ts';

/** Recomputes the facts of these keys (group → lines `tenant_id\tkey`) from raw; durable when it resolves. Idempotent. */
export type RefreshFacts = (changedKeys: ReadonlyMap<string, ReadonlySet<string>>, version: bigint) => Promise<void>;

/** Keys whose rows are stored in raw and whose facts are not recomputed yet. Nothing may be acknowledged past them. */
export class PendingRefresh {
  readonly #refresh: RefreshFacts;
  readonly #limit: number;
  #keys = new Map<string, Set<string>>();

  constructor(refresh: RefreshFacts, limit: number) {
    this.#refresh = refresh;
    this.#limit = limit;
  }

  get size(): number {
    let size = 0;
    for (const keys of this.#keys.values()) size += keys.size;
    return size;
  }

  /** More than should be remembered: flush before adding on. */
  get full(): boolean {
    return this.size >= this.#limit;
  }

  add(changedKeys: ChangeBatch['changedKeys']): void {
    for (const [group, lines] of changedKeys) {
      const keys = this.#keys.get(group) ?? new Set<string>();
      for (const line of lines) keys.add(line);
      this.#keys.set(group, keys);
    }
  }

  /** Recomputes what is remembered; forgets it only when that has succeeded. */
  async flush(version: bigint): Promise<void> {
    if (this.size === 0) return;
    await this.#refresh(this.#keys, version);
    this.#keys = new Map();
  }
}
