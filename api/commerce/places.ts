import { FairQueue } from '../fair-queue.ts';

/**
 * A few places at which work is done, given to those who ask in turns: an owner who asks often does not come before one who asks once. A
 * place is held for `leaseMs` at most: work that takes longer, such as what waits for somebody's lock, goes on without one, so that it holds
 * the others up once and not for as long as it lasts.
 */
export class Places {
  private free: number;
  private readonly leaseMs: number;
  private readonly asking = new FairQueue<() => void>();

  constructor({ places, leaseMs }: { readonly places: number; readonly leaseMs: number }) {
    this.free = places;
    this.leaseMs = leaseMs;
  }

  /** Resolves, when there is a place, with what gives it back. */
  async take(owner: string): Promise<() => void> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.asking.push(owner, resolve));
    let held = true;
    const leave = () => {
      clearTimeout(lease);
      if (held) this.handOn();
      held = false;
    };
    const lease = setTimeout(leave, this.leaseMs);
    return leave;
  }

  /** To whoever is next, so that nobody slips in between. */
  private handOn(): void {
    const next = this.asking.take(() => true);
    if (next === null) this.free += 1;
    else next();
  }
}
