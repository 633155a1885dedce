import { createBackOff } from './back-off.ts';
import type { EngineExit } from './engines/engine.ts';
import { Failure } from './failure.ts';
import { HungStart, secondsText, untilSilent } from './silence.ts';

export interface RunningService {
  readonly pid: number;
  readonly exited: Promise<EngineExit>;
  /** Asks it something trivial; settles, either way, when it answers. Without one, only its end is noticed. */
  readonly probe?: () => Promise<unknown>;
  stop(timeoutMs?: number): Promise<void>;
}

export interface ServiceView {
  readonly name: string;
  /** `silent`: it runs and does not answer; should it stay so, it is killed and started again. */
  readonly state: 'starting' | 'up' | 'silent' | 'restarting' | 'stopped';
  readonly pid: number | null;
  readonly restarts: number;
  /** Why it is silent, last ended or could not start; null when it never did. */
  readonly reason: string | null;
  /** When it entered its state, ISO 8601. */
  readonly since: string;
}

export interface ServiceOptions<R extends RunningService> {
  readonly name: string;
  /** Starts it; rejects when that fails or `signal` fires. */
  readonly start: (signal: AbortSignal) => Promise<R>;
  /** Restarts wait for this: what the service can't do without. */
  readonly gate?: () => Promise<void>;
  /** A process that leaves a probe unanswered for so long is killed; milliseconds, 30 s by default. */
  readonly patienceMs?: number;
  readonly onChange: (view: ServiceView) => void;
}

/** How long a process may leave a probe unanswered. */
export const PATIENCE_MS = 30_000;

/** A child process that is to run all the time: started again, ever more patiently, when it ends or answers no more. */
export class Service<R extends RunningService = RunningService> {
  readonly name: string;
  private readonly options: ServiceOptions<R>;
  private readonly backOff = createBackOff();
  private readonly abort = new AbortController();
  private readonly waiting: (() => void)[] = [];
  private current: R | null = null;
  private following: Promise<void> = Promise.resolve();
  private state: ServiceView['state'] = 'stopped';
  private restarts = 0;
  private reason: string | null = null;
  private since = new Date();

  constructor(options: ServiceOptions<R>) {
    this.name = options.name;
    this.options = options;
  }

  get running(): R | null {
    return this.current;
  }

  view(): ServiceView {
    const { name, state, restarts, reason } = this;
    return { name, state, pid: this.current?.pid ?? null, restarts, reason, since: this.since.toISOString() };
  }

  /** The first start: rejects when it fails, for then the operator must act; one that hangs is tried again. Later ones are retried for ever. */
  async start(): Promise<void> {
    this.enter('starting');
    const started = Date.now();
    this.following = this.launchAnyhow();
    await this.following;
    this.following = this.follow(started);
  }

  private async launchAnyhow(): Promise<void> {
    for (;;) {
      try {
        return await this.launch();
      } catch (error) {
        if (!(error instanceof HungStart) || this.abort.signal.aborted) throw error;
        this.reason = error.message;
        this.restarts++;
        this.enter('restarting');
      }
    }
  }

  /** Resolves when it is up (at once if it is). */
  whenUp(): Promise<void> {
    return this.state === 'up' ? Promise.resolve() : new Promise((done) => this.waiting.push(done));
  }

  /** Ends it for good. */
  async stop(timeoutMs?: number): Promise<void> {
    this.abort.abort();
    await this.current?.stop(timeoutMs);
    await this.following.catch(() => {});
    this.enter('stopped');
  }

  /** Ends it now, the hard way; for when nothing may be waited for. */
  kill(): void {
    this.abort.abort();
    if (this.current) endNow(this.current.pid);
  }

  private async launch(): Promise<void> {
    const running = await this.options.start(this.abort.signal);
    if (this.abort.signal.aborted) return running.stop();
    this.current = running;
    this.enter('up');
  }

  /** Resolves when it has ended, with how; ends it when it does not answer for too long. */
  private async untilEnded(running: R): Promise<string> {
    const over = new AbortController();
    const reason = this.reason;
    const watched = running.probe
      ? untilSilent({
          probe: running.probe,
          patienceMs: this.options.patienceMs ?? PATIENCE_MS,
          signal: over.signal,
          onQuiet: (quietMs) => {
            if (this.abort.signal.aborted) return;
            this.reason = quietMs > 0 ? `no answer for ${secondsText(quietMs)}` : reason;
            if (this.state !== (quietMs > 0 ? 'silent' : 'up')) this.enter(quietMs > 0 ? 'silent' : 'up');
          },
        }).then((isSilent) => {
          if (isSilent) endNow(running.pid);
          return isSilent;
        })
      : Promise.resolve(false);
    const exit = await running.exited;
    over.abort();
    return (await watched)
      ? `did not answer for ${secondsText(this.options.patienceMs ?? PATIENCE_MS)}`
      : describeExit(exit);
  }

  private async follow(firstStart: number): Promise<void> {
    let started = firstStart;
    while (!this.abort.signal.aborted) {
      if (this.current) {
        this.reason = await this.untilEnded(this.current);
        this.current = null;
        if (this.abort.signal.aborted) return;
      }
      this.enter('restarting');
      await this.pause(this.backOff.next(Date.now() - started));
      await Promise.race([this.options.gate?.(), this.aborted()]);
      if (this.abort.signal.aborted) return;
      started = Date.now();
      this.restarts++;
      try {
        await this.launch();
      } catch (error) {
        const remedy = error instanceof Failure && error.remedy ? ` → ${error.remedy}` : '';
        this.reason = (error instanceof Error ? error.message : String(error)) + remedy;
      }
    }
  }

  private enter(state: ServiceView['state']): void {
    this.state = state;
    this.since = new Date();
    this.options.onChange(this.view());
    if (state === 'up') for (const done of this.waiting.splice(0)) done();
  }

  private aborted(): Promise<void> {
    const { signal } = this.abort;
    if (signal.aborted) return Promise.resolve();
    return new Promise((done) => signal.addEventListener('abort', () => done(), { once: true }));
  }

  private async pause(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      new Promise((done) => {
        timer = setTimeout(done, ms);
      }),
      this.aborted(),
    ]);
    clearTimeout(timer);
  }
}

function endNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** One line saying how a process ended. */
export function describeExit({ code, signal, lastWords }: EngineExit): string {
  const how = signal ? `ended by ${signal}` : `ended with code ${code}`;
  const last = lastWords.trim().split('\n').at(-1);
  return last ? `${how}: ${last.slice(0, 300)}` : how;
}
