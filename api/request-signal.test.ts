import { Hono } from 'hono';
import { expect, test } from 'vitest';
import type { ApiEnv } from './context.ts';
import { requestSignal } from './request-signal.ts';

/** The signal of a request whose handler answers at once, or waits until the signal fires. */
async function signalOf(answers: 'at once' | 'never', timeoutMs: number, client?: AbortSignal): Promise<AbortSignal> {
  let seen: AbortSignal | undefined;
  const app = new Hono<ApiEnv>().use(requestSignal(timeoutMs)).get('/', async (c) => {
    const signal = c.get('signal');
    seen = signal;
    if (answers === 'never' && !signal.aborted) await new Promise((fired) => signal.addEventListener('abort', fired));
    return c.text('');
  });
  await app.request('/', { signal: client });
  return seen as AbortSignal;
}

test('fires when the handler takes too long, and says so', async () => {
  expect((await signalOf('never', 5)).reason).toMatchObject({ name: 'TimeoutError' });
});

test('fires when the client goes away, also before the handler runs', async () => {
  const client = new AbortController();
  setTimeout(() => client.abort(new Error('gone')), 5);
  expect((await signalOf('never', 60_000, client.signal)).reason).toMatchObject({ message: 'gone' });
  expect((await signalOf('at once', 60_000, client.signal)).reason).toMatchObject({ message: 'gone' });
});

test('does not fire any more once there is an answer', async () => {
  const signal = await signalOf('at once', 5);
  await new Promise((later) => setTimeout(later, 20));
  expect(signal.aborted).toBe(false);
});
