/** Values that may be a moment old. Those who ask at once share one load; a load that fails is not kept. */
export class BriefCache<V> {
  private readonly keepMs: number;
  private readonly entries = new Map<string, { readonly value: Promise<V>; readonly until: number }>();

  constructor(keepMs: number) {
    this.keepMs = keepMs;
  }

  get(key: string, load: () => Promise<V>): Promise<V> {
    const known = this.entries.get(key);
    if (known !== undefined && known.until > performance.now()) return known.value;
    if (this.entries.size >= 10_000) this.entries.clear();
    // Counted from before the load: what it reads is never older than `keepMs`.
    const entry = { value: load(), until: performance.now() + this.keepMs };
    this.entries.set(key, entry);
    entry.value.catch(() => {
      if (this.entries.get(key) === entry) this.entries.delete(key);
    });
    return entry.value;
  }

  forget(key: string): void {
    this.entries.delete(key);
  }
}
