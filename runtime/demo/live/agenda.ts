import { setTimeout as sleep } from 'node:timers/promises';

type Task = () => Promise<unknown>;

const PAUSE_MS = 200;
const AT_ONCE = 4;

/** Tasks with their time. */
export class Agenda {
  private tasks: { readonly at: number; readonly task: Task }[] = [];

  get size(): number {
    return this.tasks.length;
  }

  add(at: number, task: Task): void {
    this.tasks.push({ at, task });
  }

  /** Does what is due, the oldest first and a few at a time, then rests a moment. A task that fails is given to `onError`. */
  async work(signal: AbortSignal, onError: (error: unknown) => void): Promise<void> {
    const now = Date.now();
    const due = this.tasks.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
    this.tasks = this.tasks.filter(({ at }) => at > now);
    const worker = async () => {
      for (let next = due.shift(); next && !signal.aborted; next = due.shift()) await next.task().catch(onError);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
  }
}
