// A process of many clients of live figures: opens every stream it is told to, and reports what arrived when. Started by the bench.
import { Agent, type ClientRequest, get, type IncomingMessage } from 'node:http';
import { createParser } from 'eventsource-parser';
import type { Figures } from './testing.ts';

export interface ClientsTask {
  readonly streams: readonly { readonly url: string; readonly token: string }[];
}

/** Of each stream, in order: when figures arrived (milliseconds since 1970, with fractions) and how many orders they count. */
export type Arrivals = readonly (readonly (readonly [at: number, orders: number])[])[];

export type ClientsSay =
  | { readonly type: 'open' }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'arrivals'; readonly arrivals: Arrivals };

const OPENING_AT_ONCE = 20;
const say = (message: ClientsSay) => process.send?.(message);

async function open(task: ClientsTask): Promise<Arrivals> {
  const arrivals: [number, number][][] = task.streams.map(() => []);
  const agent = new Agent({ keepAlive: false });
  let next = 0;
  const opener = async () => {
    for (let index = next++; index < task.streams.length; index = next++) {
      const { url, token } = task.streams[index] as ClientsTask['streams'][number];
      const response = await answered(get(url, { agent, headers: { authorization: `Bearer ${token}` } }));
      if (response.statusCode !== 200) throw new Error(`stream ${index}: HTTP ${response.statusCode}`);
      listen(response, arrivals[index] as [number, number][], index);
    }
  };
  await Promise.all(Array.from({ length: OPENING_AT_ONCE }, opener));
  return arrivals;
}

function listen(response: IncomingMessage, arrived: [number, number][], index: number): void {
  const parser = createParser({
    onEvent: ({ event, data }) => {
      if (event === 'problem' || event === 'bye') say({ type: 'failed', message: `stream ${index}: ${event} ${data}` });
      if (event !== 'figures') return;
      const { rows } = JSON.parse(data) as Figures;
      const orders = rows.reduce((sum, row) => sum + Number(row.orders), 0);
      arrived.push([performance.timeOrigin + performance.now(), orders]);
    },
  });
  response.setEncoding('utf8').on('data', (text: string) => parser.feed(text));
  response.on('close', () => say({ type: 'failed', message: `stream ${index} was closed` }));
}

function answered(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => request.on('response', resolve).on('error', reject));
}

let arrivals: Arrivals = [];
process.on('disconnect', () => process.exit(0));
process.on('message', (message: ClientsTask | 'report') => {
  if (message === 'report') return say({ type: 'arrivals', arrivals });
  open(message).then(
    (opened) => {
      arrivals = opened;
      say({ type: 'open' });
    },
    (error: unknown) => say({ type: 'failed', message: String(error) }),
  );
});
