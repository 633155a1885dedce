import { Problem } from '../problem.ts';
import type { Places } from './places.ts';

/** One of those whose work is done together. */
export interface Member<Item> {
  readonly item: Item;
  /**
   * Whether it still waits for its answer. From the first time this is asked and true, it gets what comes of the work, even when its
   * signal fires; before, it leaves with the signal's reason.
   */
  stay(): boolean;
}

export interface GroupRules<Item, Result> {
  /** Does the work of all members, whose keys are equal; a promise for each, in their order. `signal` fires when all have left. */
  readonly run: (
    key: string,
    members: readonly Member<Item>[],
    signal: AbortSignal,
  ) => Promise<PromiseSettledResult<Result>[]>;
  readonly weight: (item: Item) => number;
  /** Weight of a group, unless a single member is heavier. */
  readonly most: number;
  /** Items that may wait under one key; more are refused with a 429 problem. */
  readonly waiting: number;
  /** Where groups are at work: one waits for its owner's turn, and grows meanwhile. */
  readonly places: Places;
  /** On whose behalf it is; equal for items of one key. */
  readonly owner: (item: Item) => string;
}

interface Waiting<Item, Result> extends Member<Item> {
  readonly signal: AbortSignal;
  readonly settle: (outcome: PromiseSettledResult<Result>) => void;
}

/**
 * Does together what comes while an earlier group of the same key is at work, or while all places are taken. Nobody waits for company:
 * where neither is so, a group begins with what this turn of the event loop brought.
 */
export class Groups<Item, Result> {
  private readonly rules: GroupRules<Item, Result>;
  /** By key, while a group is at work. */
  private readonly queues = new Map<string, Waiting<Item, Result>[]>();

  constructor(rules: GroupRules<Item, Result>) {
    this.rules = rules;
  }

  /** Resolves or rejects with the item's own outcome. */
  add(key: string, item: Item, signal: AbortSignal): Promise<Result> {
    signal.throwIfAborted();
    const queue = this.queues.get(key);
    if (queue !== undefined && queue.length >= this.rules.waiting) {
      throw new Problem('too-many-requests', 'Your brand has too many requests under way: wait for their answers.', {
        headers: { 'retry-after': '1' },
      });
    }
    return new Promise((resolve, reject) => {
      const member = waiting<Item, Result>(item, signal, resolve, reject);
      if (queue !== undefined) queue.push(member);
      else {
        this.queues.set(key, [member]);
        setImmediate(() => this.workOff(key));
      }
    });
  }

  private async workOff(key: string): Promise<void> {
    const queue = this.queues.get(key) ?? [];
    for (let first = queue[0]; first !== undefined; first = queue[0]) {
      const leave = await this.rules.places.take(this.rules.owner(first.item));
      const group = this.next(queue);
      const outcomes = await this.work(key, group);
      leave();
      for (const [index, member] of group.entries()) member.settle(outcomes[index] as PromiseSettledResult<Result>);
    }
    this.queues.delete(key);
  }

  /** Never rejects. */
  private async work(key: string, group: readonly Waiting<Item, Result>[]): Promise<PromiseSettledResult<Result>[]> {
    if (group.length === 0) return [];
    const signal = whenAllHaveFired(group.map((member) => member.signal));
    try {
      return await this.rules.run(key, group, signal);
    } catch (reason) {
      return group.map(() => ({ status: 'rejected', reason }));
    }
  }

  private next(queue: Waiting<Item, Result>[]): Waiting<Item, Result>[] {
    const { weight, most } = this.rules;
    const group: Waiting<Item, Result>[] = [];
    for (let sum = 0; queue.length > 0; ) {
      const [first] = queue as [Waiting<Item, Result>];
      sum += weight(first.item);
      if (group.length > 0 && sum > most) break;
      queue.shift();
      if (!first.signal.aborted) group.push(first);
      else sum -= weight(first.item);
    }
    return group;
  }
}

function waiting<Item, Result>(
  item: Item,
  signal: AbortSignal,
  resolve: (result: Result) => void,
  reject: (reason: unknown) => void,
): Waiting<Item, Result> {
  const leave = () => reject(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  return {
    item,
    signal,
    stay: () => {
      signal.removeEventListener('abort', leave);
      return !signal.aborted;
    },
    settle: (outcome) => {
      signal.removeEventListener('abort', leave);
      if (outcome.status === 'fulfilled') resolve(outcome.value);
      else reject(signal.aborted ? signal.reason : outcome.reason);
    },
  };
}

/** Fires when all of them have fired, with the reason of the last. */
function whenAllHaveFired(signals: readonly AbortSignal[]): AbortSignal {
  const all = new AbortController();
  let left = signals.length;
  for (const signal of signals) {
    const count = () => --left === 0 && all.abort(signal.reason);
    if (signal.aborted) count();
    else signal.addEventListener('abort', count, { once: true });
  }
  return all.signal;
}
