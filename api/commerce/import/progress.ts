/** Where an import stands. */
export interface ImportProgress {
  readonly phase: 'reading' | 'writing';
  readonly rows: number;
  /** Rows per second since the phase began. */
  readonly rate: number;
  /** Share of the phase, 0–1: bytes of the file read, or rows written of those there are. */
  readonly done: number;
  /** Estimated seconds until the phase ends; null while unknown. */
  readonly secondsLeft: number | null;
}

export type OnProgress = (progress: ImportProgress) => void;

const EVERY_MS = 250;

/** Tells the progress of one phase, a few times a second and once at its end. */
export class ProgressMeter {
  readonly #phase: ImportProgress['phase'];
  readonly #tell: OnProgress | undefined;
  readonly #start = performance.now();
  #last = 0;

  constructor(phase: ImportProgress['phase'], tell: OnProgress | undefined) {
    this.#phase = phase;
    this.#tell = tell;
  }

  update(rows: number, done: number): void {
    const now = performance.now();
    if (this.#tell === undefined || (now - this.#last < EVERY_MS && done < 1)) return;
    this.#last = now;
    const seconds = (now - this.#start) / 1000;
    this.#tell({
      phase: this.#phase,
      rows,
      rate: seconds > 0 ? Math.round(rows / seconds) : 0,
      done: Math.min(1, done),
      secondsLeft: done > 0 && seconds > 0.5 ? (seconds * (1 - Math.min(1, done))) / done : null,
    });
  }
}

/** One line for a terminal: `reading 120,000 rows, 98,000/s, 22 %, 4 s left`. */
export function progressLine({ phase, rows, rate, done, secondsLeft }: ImportProgress): string {
  const left = secondsLeft === null ? '' : `, ${Math.ceil(secondsLeft)} s left`;
  return `${phase} ${rows.toLocaleString('en')} rows, ${rate.toLocaleString('en')}/s, ${Math.floor(done * 100)} %${left}`;
}
