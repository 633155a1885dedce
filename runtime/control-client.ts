// Asks the stream's control server.
import { z } from 'zod';
import { Failure } from './failure.ts';

export interface ControlAddress {
  readonly url: string;
  readonly token: string;
}

const statusSchema = z.looseObject({
  state: z.string(),
  problem: z.string().nullable().default(null),
  deadLetters: z.number().default(0),
  lagBytes: z.number().default(0),
  staleKeys: z.number().default(0),
  clamped: z.number().default(0),
  drift: z.number().default(0),
  sampled: z.number().default(0),
});
export type StreamStatus = z.output<typeof statusSchema>;

/** The stream's own account of itself; rejects when it does not answer within `timeoutMs` (default 2,000). */
export async function streamStatus(control: ControlAddress, timeoutMs = 2_000): Promise<StreamStatus> {
  const response = await callControl(control, 'GET', '/status', undefined, AbortSignal.timeout(timeoutMs));
  return statusSchema.parse(await response.json());
}

/** What waits and what differs, as the stream has it; rejects when it does not answer within `timeoutMs`. */
export async function streamFindings(control: ControlAddress, timeoutMs = 4_000): Promise<unknown> {
  return (await callControl(control, 'GET', '/findings', undefined, AbortSignal.timeout(timeoutMs))).json();
}

/** One call; rejects with a Failure that carries the server's message when it refuses. */
export async function callControl(
  control: ControlAddress,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<Response> {
  const response = await fetch(new URL(path, control.url), {
    method,
    headers: { authorization: `Bearer ${control.token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  });
  if (response.ok) return response;
  throw new Failure(`The stream refused ${path}: ${(await response.text()).slice(0, 500)}`);
}

/** One call whose answer is a line of JSON per step. */
export async function* controlLines(
  control: ControlAddress,
  path: string,
  body: unknown,
  signal?: AbortSignal,
): AsyncGenerator<Record<string, unknown>> {
  const response = await callControl(control, 'POST', path, body, signal);
  let rest = '';
  for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line) yield JSON.parse(line) as Record<string, unknown>;
  }
}
