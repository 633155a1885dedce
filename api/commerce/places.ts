/**
 * A few places at which work is done, given to those who ask in turns: an owner who asks often does not come before one who asks once. A
 * place is held for `leaseMs` at most: work that takes longer, such as what waits for somebody's lock, goes on without one, so that it holds
 * the others up once and not for as long as it lasts.
 */
export class Places {
  private free: number;
  private readonly leaseMs: number;
  /** By owner, in the order of their turns; none is empty. */
  private readonly asking = new Map<string, (() => void)[]>();

  constructor({ places, leaseMs }: { readonly places: number; readonly leaseMs: number }) {
    this.free = places;
    this.leaseMs = leaseMs;
  }

  /** Resolves, when there is a place, with what gives it back. */
  async take(owner: string): Promise<() => void> {
    if (this.free > 0) this.free -= 1;
    else await this.turn(owner);
    let held = true;
    const leave = () => {
      clearTimeout(lease);
      if (held) this.handOn();
      held = false;
    };
    const lease = setTimeout(leave, this.leaseMs);
    return leave;
  }

  private turn(owner: string): Promise<void> {
    return new Promise((resolve) => {
      const others = this.asking.get(owner);
      if (others === undefined) this.asking.set(owner, [resolve]);
      else others.push(resolve);
    });
  }

  /** To whoever is next, so that nobody slips in between. */
  private handOn(): void {
    const [turn] = this.asking;
    if (turn === undefined) {
      this.free += 1;
      return;
    }
    const [owner, [next, ...others]] = turn;
    this.asking.delete(owner);
    if (others.length > 0) this.asking.set(owner, others);
    next?.();
  }
}
