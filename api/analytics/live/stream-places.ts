import { Problem } from '../../problem.ts';

/** Places for streams: so many in all, so many a user. */
export class StreamPlaces {
  readonly #most: number;
  readonly #mostPerUser: number;
  readonly #users = new Map<string, number>();
  taken = 0;

  constructor(most: number, mostPerUser: number) {
    this.#most = most;
    this.#mostPerUser = mostPerUser;
  }

  /** Takes a place; the function returned gives it back, once. Throws `too-many-requests`. */
  take(user: string): () => void {
    const own = this.#users.get(user) ?? 0;
    if (own >= this.#mostPerUser) throw full(`You have ${own} streams open: close one, or ask more queries on one.`);
    if (this.taken >= this.#most) throw full('Too many streams are open; try again later.');
    this.taken++;
    this.#users.set(user, own + 1);
    let given = true;
    return () => {
      if (!given) return;
      given = false;
      this.taken--;
      const left = (this.#users.get(user) ?? 1) - 1;
      if (left === 0) this.#users.delete(user);
      else this.#users.set(user, left);
    };
  }
}

function full(detail: string): Problem {
  return new Problem('too-many-requests', detail, { headers: { 'retry-after': '10' } });
}
