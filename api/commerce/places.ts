/**
 * A few places at which work is done, given in the order of asking. A place is held for `leaseMs` at most: work that takes longer, such as
 * what waits for somebody's lock, goes on without one, so that it holds the others up once and not for as long as it lasts.
 */
export class Places {
  private free: number;
  private readonly leaseMs: number;
  private readonly asking: (() => void)[] = [];

  constructor({ places, leaseMs }: { readonly places: number; readonly leaseMs: number }) {
    this.free = places;
    this.leaseMs = leaseMs;
  }

  /** Resolves, when there is a place, with what gives it back. */
  async take(): Promise<() => void> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.asking.push(resolve));
    let held = true;
    const leave = () => {
      clearTimeout(lease);
      if (!held) return;
      held = false;
      const next = this.asking.shift();
      // Handed on, so that nobody slips in between.
      if (next === undefined) this.free += 1;
      else next();
    };
    const lease = setTimeout(leave, this.leaseMs);
    return leave;
  }
}
