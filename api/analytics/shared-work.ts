interface Work<V> {
  readonly value: Promise<V>;
  readonly over: AbortController;
  waiting: number;
}

/**
 * Work that several ask for at the same moment is done once: who comes while it is under way waits for it. Nothing is kept. The work is
 * given up when all have gone, and with its own signal, not with that of whoever came first.
 */
export class SharedWork<V> {
  readonly #underWay = new Map<string, Work<V>>();

  /** `key` must hold all that the result depends on, and whose it is. Rejects with the reason of `signal` when that fires. */
  async do(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<V>): Promise<V> {
    signal.throwIfAborted();
    const shared = this.#underWay.get(key) ?? this.#begin(key, work);
    shared.waiting++;
    let gone = () => {};
    const leaving = new Promise<never>((_, reject) => {
      gone = () => reject(signal.reason);
      signal.addEventListener('abort', gone, { once: true });
    });
    try {
      return await Promise.race([shared.value, leaving]);
    } finally {
      signal.removeEventListener('abort', gone);
      if (--shared.waiting === 0) this.#end(key, shared);
    }
  }

  #begin(key: string, work: (signal: AbortSignal) => Promise<V>): Work<V> {
    const over = new AbortController();
    const shared = { value: work(over.signal), over, waiting: 0 };
    this.#underWay.set(key, shared);
    const end = () => this.#end(key, shared);
    shared.value.then(end, end);
    return shared;
  }

  #end(key: string, shared: Work<V>): void {
    if (this.#underWay.get(key) === shared) this.#underWay.delete(key);
    shared.over.abort();
  }
}
