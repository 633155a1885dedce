// Notices a process that lives and does nothing any more: stopped, deadlocked, or spinning.
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that starts may be busy for longer than one that runs: it loads, or recovers. */
const START_FACTOR = 4;

/** A process hung while it started, and was killed. Nothing an operator can mend: it is started again. */
export class HungStart extends Error {
  override readonly name = 'HungStart';
}

export interface StartingOptions {
  readonly probe: () => Promise<unknown>;
  /** As long as it may be silent once it runs; four times that while it starts. Undefined: for ever. */
  readonly patienceMs: number | undefined;
  /** Ends it at once; `started` rejects then. */
  readonly kill: () => void;
}

/** What `started` resolves with; kills the process and throws HungStart when it does not answer meanwhile. */
export async function startedOrHung<T>(started: Promise<T>, { probe, patienceMs, kill }: StartingOptions): Promise<T> {
  if (patienceMs === undefined) return started;
  const over = new AbortController();
  const patience = patienceMs * START_FACTOR;
  const watched = untilSilent({ probe, patienceMs: patience, signal: over.signal, onQuiet: () => {} });
  const isHung = watched.then((isSilent) => {
    if (isSilent) kill();
    return isSilent;
  });
  try {
    return await started;
  } catch (error) {
    over.abort();
    if (!(await isHung)) throw error;
    throw new HungStart(`did not answer for ${secondsText(patience)} while it started`, { cause: error });
  } finally {
    over.abort();
  }
}

export const secondsText = (ms: number) => `${Math.round(ms / 1_000)} s`;

export interface SilenceOptions {
  /** Asks something trivial; settles, either way, when there is an answer: a refusal is one, too. */
  readonly probe: () => Promise<unknown>;
  /** So long without an answer is too long, milliseconds. */
  readonly patienceMs: number;
  /** Aborts when there is nothing to watch any more. */
  readonly signal: AbortSignal;
  /** At every tick without an answer, and with 0 when it has come after all. */
  readonly onQuiet: (quietMs: number) => void;
}

/**
 * Resolves with true when one probe has not been answered for `patienceMs`, with false when `signal` fires. Time is counted in ticks
 * of our own: a machine that sleeps or is too busy to run even us makes nobody else silent.
 */
export async function untilSilent({ probe, patienceMs, signal, onQuiet }: SilenceOptions): Promise<boolean> {
  const tickMs = Math.min(1_000, patienceMs / 10);
  const pause = (ms: number) => sleep(ms, undefined, { signal, ref: false }).catch(() => {});
  while (!signal.aborted) {
    await pause(patienceMs / 6);
    let answered = false;
    const note = () => {
      answered = true;
    };
    const answer = probe().then(note, note);
    let quietMs = 0;
    for (; !answered && !signal.aborted; quietMs += tickMs) {
      if (quietMs >= patienceMs) return true;
      if (quietMs > 0) onQuiet(quietMs);
      await Promise.race([answer, pause(tickMs)]);
    }
    if (quietMs > tickMs && !signal.aborted) onQuiet(0);
  }
  return false;
}
