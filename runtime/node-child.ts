// Starts one of our own Node processes and waits until it says that it is ready.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ChildSettings, FromChild, ToChild } from './child-protocol.ts';
import { childEnvironment } from './config.ts';
import { endOnAbort, watchChild } from './engines/child-exit.ts';
import type { EngineOutput } from './engines/engine.ts';
import { Failure } from './failure.ts';
import { describeExit, type RunningService } from './service.ts';
import { startedOrHung } from './silence.ts';

export interface NodeChild extends RunningService {
  send(message: ToChild): void;
}

export interface NodeChildOptions {
  /** File name beside this one. */
  readonly entry: string;
  readonly settings: ChildSettings;
  readonly onLine?: EngineOutput;
  readonly onMessage?: (message: FromChild) => void;
  /** Gives up starting. */
  readonly signal?: AbortSignal;
  /** The child loads meanwhile, and is told its settings when this resolves. */
  readonly configureAfter?: Promise<unknown>;
  readonly nodeOptions?: readonly string[];
  /** A child that leaves a message unanswered for four times as long while it starts is killed; milliseconds. */
  readonly patienceMs: number;
}

/** Forks the entry. Resolves when it is ready; rejects with the Failure it reported, with how it ended, or with HungStart. */
export async function startNodeChild(options: NodeChildOptions): Promise<NodeChild> {
  const entry = fileURLToPath(new URL(options.entry, import.meta.url));
  // The data directory is an argument only so that the process list tells whose it is.
  const child = fork(entry, [options.settings.dataDir], {
    detached: true,
    env: childEnvironment(),
    execArgv: ['--import', import.meta.resolve('tsx'), ...(options.nodeOptions ?? [])],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const send = (message: ToChild) => {
    // It may be gone already: then its exit says so.
    if (child.connected) child.send(message, () => {});
  };
  const started = endOnAbort(child, options.signal, 'SIGTERM');
  let failure: Failure | undefined;
  let answered = () => {};
  // What it said about its end tells more than its last log line.
  const exited = watchChild(child, options.onLine).then((exit) =>
    failure ? { ...exit, lastWords: failure.message.replaceAll('\n', ' ') } : exit,
  );
  const probe = () =>
    new Promise<void>((done) => {
      answered = done;
      send({ type: 'ping' });
    });
  const ready = new Promise<void>((done, fail) => {
    child.on('message', (message) => {
      const said = message as FromChild;
      if (said.type === 'ready') done();
      if (said.type === 'pong') answered();
      if (said.type === 'failed') failure = new Failure(said.message, said.remedy);
      options.onMessage?.(said);
    });
    void exited.then((exit) => fail(failure ?? new Error(describeExit(exit))));
    const configure = () => send({ type: 'configure', settings: options.settings });
    Promise.resolve(options.configureAfter).then(configure, fail);
  });
  await startedOrHung(ready, { probe, patienceMs: options.patienceMs, kill: () => child.kill('SIGKILL') })
    .catch((error: unknown) => {
      child.kill('SIGKILL');
      throw error;
    })
    .finally(started);
  return {
    pid: child.pid as number,
    exited,
    send,
    probe,
    stop: (timeoutMs = 3_000) => {
      send({ type: 'stop' });
      const hurry = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
      return exited.then(() => clearTimeout(hurry));
    },
  };
}
