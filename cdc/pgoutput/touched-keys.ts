/** Which groups and tenants a batch touched, noted from the bytes of each row. */
import type { Relation } from './relation.ts';
import { columnNull, columnUnchanged, type Tuple } from './tuple.ts';

const slots = 256;
const slotBytes = 128;

/**
 * Recently noted pairs of values, as bytes: the lines of one order, or orders of a few brands in turn, cost a comparison each
 * instead of a string. One pair per slot, chosen by its last bytes; a pair that was pushed out is merely noted again.
 */
class RecentPairs {
  private readonly bytes = Buffer.allocUnsafeSlow(slots * slotBytes);
  private readonly lengths = new Int32Array(slots);

  clear(): void {
    this.lengths.fill(0);
  }

  /** Null when the pair was noted recently, else its text `first\tsecond`. */
  add(source: Buffer, from: number, to: number, secondFrom: number, secondTo: number): string | null {
    const first = to - from;
    const length = first + 1 + secondTo - secondFrom;
    if (length > slotBytes) {
      return `${source.toString('utf8', from, to)}\t${source.toString('utf8', secondFrom, secondTo)}`;
    }
    const slot =
      (((source[secondTo - 1] ?? 0) * 31 + (source[secondTo - 2] ?? 0)) * 31 + (source[to - 1] ?? 0)) % slots;
    const { bytes } = this;
    const start = slot * slotBytes;
    let same = this.lengths[slot] === length && bytes[start + first] === 0x09;
    for (let i = from, at = start; same && i < to; i++, at++) same = bytes[at] === source[i];
    for (let i = secondFrom, at = start + first + 1; same && i < secondTo; i++, at++) same = bytes[at] === source[i];
    if (same) return null;
    let at = start;
    for (let i = from; i < to; i++) bytes[at++] = source[i] as number;
    bytes[at++] = 0x09;
    for (let i = secondFrom; i < secondTo; i++) bytes[at++] = source[i] as number;
    this.lengths[slot] = length;
    return bytes.toString('utf8', start, at);
  }
}

export class TouchedKeys {
  readonly groups = new Map<string, Set<string>>();
  readonly tenants = new Map<string, Date>();
  private readonly recentTenants = new RecentPairs();
  private readonly recentKeys = new Map<string, RecentPairs>();

  constructor(private commitTime: Date) {}

  beginTransaction(commitTime: Date): void {
    this.commitTime = commitTime;
    this.recentTenants.clear();
    for (const recent of this.recentKeys.values()) recent.clear();
  }

  note(bytes: Buffer, relation: Relation, row: Tuple): void {
    const { tenant, group } = relation;
    if (tenant < 0 || isMissing(row, tenant)) return;
    const from = row.from[tenant] as number;
    const to = row.to[tenant] as number;
    if (group && !isMissing(row, group.column)) {
      const keyFrom = row.from[group.column] as number;
      const line = this.recent(group.name).add(bytes, from, to, keyFrom, row.to[group.column] as number);
      // A pair noted in this transaction has noted its tenant, too.
      if (line === null) return;
      this.keysOf(group.name).add(line);
    }
    const pair = this.recentTenants.add(bytes, from, to, to, to);
    if (pair !== null) this.tenants.set(pair.slice(0, -1), this.commitTime);
  }

  private recent(group: string): RecentPairs {
    let recent = this.recentKeys.get(group);
    if (!recent) {
      recent = new RecentPairs();
      this.recentKeys.set(group, recent);
    }
    return recent;
  }

  private keysOf(group: string): Set<string> {
    let keys = this.groups.get(group);
    if (!keys) {
      keys = new Set();
      this.groups.set(group, keys);
    }
    return keys;
  }
}

function isMissing(row: Tuple, column: number): boolean {
  const state = row.state[column];
  return state === columnNull || state === columnUnchanged;
}
