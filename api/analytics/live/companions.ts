/** What a companion's computation costs, and whether it takes part at all. */
export interface Companion {
  /** Equal for those who may be computed in one go; null: always alone. */
  readonly company: string | null;
  /** Rows that ClickHouse reads for it, as far as is known. */
  weight: number;
}

/** More rows than this in one go would let small brands wait for large ones: some 100 ms of ClickHouse's time. */
export const MOST_ROWS_AT_ONCE = 1_000_000;
const MOST_AT_ONCE = 100;

const MOST_COMPANIES = 2_000;

/** Those who are computed in one go. */
export interface Party<T> {
  readonly all: readonly T[];
  /** To be told when it is done: how long it took, and how many rows were read, if that is known. */
  back(workMs: number, rowsRead: number | null): void;
}

interface Company<T> {
  readonly queued: Set<T>;
  /** Wait until those who are under way are back, and have rested. */
  readonly held: Set<T>;
  underWay: number;
  resting: NodeJS.Timeout | null;
}

/**
 * Who is computed along with whom. A statement costs the same for one brand as for fifty, so while one is under way, and as long
 * again, others of its company gather for the next: half of the time at most, one company is computed. Whoever is too heavy goes
 * alone and holds nobody up.
 */
export class Companions<T extends Companion> {
  readonly #companies = new Map<string, Company<T>>();
  readonly #release: (held: readonly T[]) => void;

  /** `release` is given those who were held, when they may queue. */
  constructor(release: (held: readonly T[]) => void) {
    this.#release = release;
  }

  /** Keeps back whoever comes while its company is under way or rests. */
  hold(one: T): boolean {
    const company = this.#companyOf(one);
    if (company === null || (company.underWay === 0 && company.resting === null)) return false;
    company.held.add(one);
    return true;
  }

  queue(one: T): void {
    this.#companyOf(one)?.queued.add(one);
  }

  remove(one: T): void {
    const company = one.company === null ? undefined : this.#companies.get(one.company);
    company?.queued.delete(one);
    company?.held.delete(one);
  }

  /** The one whose turn it is and those who go with it; they are queued no longer. */
  leave(leader: T): Party<T> {
    const company = this.#companyOf(leader);
    if (company === null) return { all: [leader], back: (_, rowsRead) => weigh([leader], rowsRead) };
    company.underWay++;
    const all = fellows(company, leader);
    return {
      all,
      back: (workMs, rowsRead) => {
        weigh(all, rowsRead);
        company.underWay--;
        if (company.underWay === 0) this.#rest(company, workMs);
      },
    };
  }

  #rest(company: Company<T>, ms: number): void {
    const end = () => {
      company.resting = null;
      if (company.underWay > 0) return;
      const held = [...company.held];
      company.held.clear();
      this.#release(held);
    };
    if (company.resting !== null) clearTimeout(company.resting);
    company.resting = setTimeout(end, ms).unref();
  }

  #companyOf({ company: name, weight }: T): Company<T> | null {
    if (name === null || weight >= MOST_ROWS_AT_ONCE) return null;
    const known = this.#companies.get(name);
    if (known !== undefined) return known;
    if (this.#companies.size >= MOST_COMPANIES) this.#forgetIdle();
    const company: Company<T> = { queued: new Set(), held: new Set(), underWay: 0, resting: null };
    this.#companies.set(name, company);
    return company;
  }

  #forgetIdle(): void {
    for (const [name, { queued, held, underWay, resting }] of this.#companies) {
      if (queued.size + held.size + underWay === 0 && resting === null) this.#companies.delete(name);
    }
  }
}

function fellows<T extends Companion>({ queued }: Company<T>, leader: T): T[] {
  queued.delete(leader);
  const all = [leader];
  let rows = leader.weight;
  for (const one of queued) {
    if (all.length >= MOST_AT_ONCE) break;
    if (rows + one.weight > MOST_ROWS_AT_ONCE) continue;
    rows += one.weight;
    all.push(one);
    queued.delete(one);
  }
  return all;
}

/** Shares out what was read: who goes with a heavy one takes a part of its weight, until they are computed apart. */
function weigh(all: readonly Companion[], rowsRead: number | null): void {
  if (rowsRead === null) return;
  const before = all.reduce((sum, { weight }) => sum + weight, 0);
  const shareOf = (weight: number) => (all.length === 1 ? 1 : weight / before);
  for (const one of all) one.weight = Math.max(1, rowsRead * shareOf(one.weight));
}
