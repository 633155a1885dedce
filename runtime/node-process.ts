// The child's side of child-protocol.ts.
import type { ChildSettings, FromChild, InstanceView, ToChild } from './child-protocol.ts';
import { Failure } from './failure.ts';

export interface ProcessContext {
  readonly settings: ChildSettings;
  say(message: FromChild): void;
  /** Called with the supervisor's view at every change. */
  onView(listener: (view: InstanceView) => void): void;
}

/**
 * Runs a child process: `run` gets its settings, says `ready` when it is, and returns how to stop. Ends when told to, when the
 * supervisor is gone, or when `run` fails (a Failure is handed to the supervisor, which shows it to the operator).
 */
export function runProcess(run: (context: ProcessContext) => Promise<{ stop(): Promise<void> }>): void {
  let stop: (() => Promise<void>) | undefined;
  let viewed: ((view: InstanceView) => void) | undefined;
  let latest: InstanceView | undefined;
  const say = (message: FromChild) => {
    if (process.connected) process.send?.(message);
  };
  const end = async () => {
    await stop?.().catch(() => {});
    process.exit(0);
  };
  const start = async (settings: ChildSettings) => {
    const context: ProcessContext = {
      settings,
      say,
      onView: (listener) => {
        viewed = listener;
        if (latest) listener(latest);
      },
    };
    stop = (await run(context)).stop;
  };
  // Whatever we hold open: without a supervisor we must be gone, or the next one finds its place taken.
  process.on('disconnect', () => process.exit(1));
  process.on('SIGTERM', () => void end());
  process.on('message', (message: ToChild) => {
    if (message.type === 'configure') start(message.settings).catch(fail);
    if (message.type === 'ping') say({ type: 'pong' });
    if (message.type === 'stop') void end();
    if (message.type === 'view') {
      latest = message.view;
      viewed?.(message.view);
    }
  });
  const fail = (error: unknown) => {
    const remedy = error instanceof Failure ? error.remedy : undefined;
    if (error instanceof Failure) say({ type: 'failed', message: error.message, remedy });
    console.error(error);
    // Let the message leave first.
    setTimeout(() => process.exit(1), 50);
  };
}
