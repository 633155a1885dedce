/** One thing wrong with a line of the file. Lines are those of a text editor: the header is line 1. */
export interface Problem {
  readonly line: number;
  /** The header as the file has it, or the canonical name; absent when the whole row is meant. */
  readonly column?: string;
  /** Stable kind, for counting: `number`, `unknown_sku`, … */
  readonly code: string;
  /** What is wrong and what to do about it. */
  readonly message: string;
}

/** How many are kept; all are counted. */
export const PROBLEMS_SHOWN = 100;

/** Keeps the first problems by line and counts them all, in bounded memory. */
export class ProblemList {
  readonly byCode: Record<string, number> = {};
  #first: Problem[] = [];
  #count = 0;

  /** Problems come by ascending line, but checks of the whole file come in several passes: see `first`. */
  add(problem: Problem): void {
    this.countMore(problem.code, 1);
    this.#first.push(problem);
    if (this.#first.length >= 2 * PROBLEMS_SHOWN) this.#first = this.first;
  }

  /** Counts problems of a kind without keeping them. */
  countMore(code: string, count: number): void {
    this.#count += count;
    this.byCode[code] = (this.byCode[code] ?? 0) + count;
  }

  get count(): number {
    return this.#count;
  }

  /** The first 100 by line. */
  get first(): Problem[] {
    return this.#first.toSorted((a, b) => a.line - b.line).slice(0, PROBLEMS_SHOWN);
  }
}

/** A value in a message: quoted, its control characters visible, cut to a readable length. */
export function shown(value: string): string {
  const cut = value.length > 60 ? `${value.slice(0, 57)}…` : value;
  return JSON.stringify(cut);
}
