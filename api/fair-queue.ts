/** Things that wait for their turn, each once, round robin over groups: a group with many does not keep the others waiting. */
export class FairQueue<T> {
  readonly #groups = new Map<string, Set<T>>();

  push(group: string, item: T): void {
    const waiting = this.#groups.get(group);
    if (waiting === undefined) this.#groups.set(group, new Set([item]));
    else waiting.add(item);
  }

  remove(group: string, item: T): void {
    const waiting = this.#groups.get(group);
    waiting?.delete(item);
    if (waiting?.size === 0) this.#groups.delete(group);
  }

  /** The next one of the group whose turn it is and that `admits`; null when there is none. */
  take(admits: (group: string) => boolean): T | null {
    for (const [group, waiting] of this.#groups) {
      if (!admits(group)) continue;
      const [item] = waiting as Set<T> & Iterable<T>;
      waiting.delete(item as T);
      // Behind the others: a map keeps the order of insertion.
      this.#groups.delete(group);
      if (waiting.size > 0) this.#groups.set(group, waiting);
      return item as T;
    }
    return null;
  }
}
