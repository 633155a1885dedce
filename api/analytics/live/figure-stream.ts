import type { AsOf } from '../as-of.ts';
import { eventId } from './event-id.ts';
import type { LiveResult } from './live-result.ts';

/** Why a stream ends; the client comes again after `retry` with its last event id. */
export type Farewell = 'shutdown' | 'access-ended';

export interface FigureStreamOptions {
  /** Digests of what the client has, one a query; null where it has nothing. */
  readonly known: readonly (string | null)[];
  /** Called once, whoever ended it. */
  readonly onEnd: () => void;
  /** Cuts the connection at once; null where there is none, as in tests. */
  readonly cut: (() => void) | null;
  /** A comment is sent after so many milliseconds without an event. */
  readonly heartbeatMs: number;
}

/** The position of an idle stream is of little interest; a change of its state is told at once. */
const AS_OF_EVERY_MS = 5_000;
/** Whoever asks for rows anew at every movement does so once a second. */
const MOVED_EVERY_MS = 1_000;

/**
 * One client's events. A new result replaces the former one of its query, so however slowly a client reads, at most one of
 * each waits for it. Bytes are made when the connection asks for them: hono's streamSSE would queue without end.
 */
export class FigureStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly #options: FigureStreamOptions;
  readonly #known: (string | null)[];
  readonly #results = new Map<number, LiveResult>();
  readonly #encoder = new TextEncoder();
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #asOf: { readonly told: AsOf | null; readonly next: AsOf | null; readonly toldAt: number };
  #moved: { readonly position: string | null; readonly toldAt: number } = {
    position: null,
    toldAt: Number.NEGATIVE_INFINITY,
  };
  #heartbeat = false;
  #farewell: Farewell | null = null;
  #opened = false;
  #ended = false;
  /** Fulfils the read that waits for something to say. */
  #wake: (() => void) | null = null;
  #readAt = performance.now();

  constructor(options: FigureStreamOptions) {
    this.#options = options;
    this.#known = [...options.known];
    this.#asOf = { told: null, next: null, toldAt: Number.NEGATIVE_INFINITY };
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#pull(),
        cancel: () => this.#end(),
      },
      { highWaterMark: 0 },
    );
  }

  /** Milliseconds that something has waited for a client who does not read; 0 while it reads. */
  waitedMs(): number {
    return this.#wake === null && this.#hasNews() ? performance.now() - this.#readAt : 0;
  }

  offer(index: number, result: LiveResult): void {
    if (this.#known[index] === result.digest) this.#results.delete(index);
    else this.#results.set(index, result);
    this.#tell();
  }

  /** Told when the state is another one, or the position and some time has passed. */
  offerAsOf(asOf: AsOf): void {
    const { told, toldAt } = this.#asOf;
    const isNews =
      asOf.state !== told?.state || (asOf.position !== told.position && performance.now() - toldAt >= AS_OF_EVERY_MS);
    if (isNews) this.#asOf = { ...this.#asOf, next: asOf };
    else if (performance.now() - this.#readAt >= this.#options.heartbeatMs) this.#heartbeat = true;
    this.#tell();
  }

  /** Something of the brand has changed, up to `position`. Told with the next events, or when the state is looked at next. */
  offerMoved(position: string): void {
    this.#moved = { ...this.#moved, position };
  }

  /** Says good-bye after what is waiting, and closes. */
  end(farewell: Farewell): void {
    this.#farewell ??= farewell;
    this.#tell();
  }

  /** Ends at once, saying nothing. */
  drop(): void {
    if (this.#ended) return;
    this.#end();
    // The adapter waits for its socket to drain, not for us: only cutting that reaches it.
    if (this.#options.cut !== null) this.#options.cut();
    else this.#controller?.error(new Error('the client does not read'));
  }

  #hasNews(): boolean {
    if (this.#results.size > 0 || this.#asOf.next !== null || this.#movedIsDue()) return true;
    return this.#heartbeat || this.#farewell !== null;
  }

  #movedIsDue(): boolean {
    const { position, toldAt } = this.#moved;
    return position !== null && performance.now() - toldAt >= MOVED_EVERY_MS;
  }

  #tell(): void {
    if (this.#ended || this.#wake === null || !this.#hasNews()) return;
    const wake = this.#wake;
    this.#wake = null;
    this.#write();
    wake();
  }

  /** The connection wants more; resolves when it got it. */
  #pull(): Promise<void> | undefined {
    this.#readAt = performance.now();
    if (this.#hasNews() || !this.#opened) {
      this.#write();
      return undefined;
    }
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #write(): void {
    const text: string[] = [
      this.#opened ? '' : `retry: ${retryMs()}\n\n`,
      ...this.#resultEvents(),
      this.#movedEvent(),
      this.#asOfEvent(),
    ];
    if (this.#heartbeat && text.join('') === '') text.push(': \n\n');
    this.#heartbeat = false;
    this.#opened = true;
    this.#readAt = performance.now();
    if (this.#farewell !== null) text.push(event('bye', null, JSON.stringify({ reason: this.#farewell }), retryMs()));
    this.#controller?.enqueue(this.#encoder.encode(text.join('')));
    if (this.#farewell === null) return;
    this.#end();
    this.#controller?.close();
  }

  #resultEvents(): string[] {
    const events = [...this.#results].map(([index, result]) => {
      this.#known[index] = result.digest;
      return event(result.event, this.#id(result.asOf), `{"query":${index},${result.members}`);
    });
    this.#results.clear();
    return events;
  }

  #asOfEvent(): string {
    const asOf = this.#asOf.next;
    if (asOf === null) return '';
    this.#asOf = { told: asOf, next: null, toldAt: performance.now() };
    return event('as-of', this.#id(asOf), JSON.stringify(asOf));
  }

  #movedEvent(): string {
    if (!this.#movedIsDue()) return '';
    const { position } = this.#moved;
    this.#moved = { position: null, toldAt: performance.now() };
    // Without an id: nothing that the client has depends on it.
    return event('moved', null, JSON.stringify({ position }));
  }

  #id(asOf: AsOf): string {
    return eventId(asOf.position, this.#known);
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#wake?.();
    this.#wake = null;
    this.#options.onEnd();
  }
}

function event(name: string, id: string | null, data: string, retry?: number): string {
  const lines = [`event: ${name}`, id === null ? '' : `id: ${id}`, retry === undefined ? '' : `retry: ${retry}`];
  return `${lines.filter((line) => line !== '').join('\n')}\ndata: ${data}\n\n`;
}

/** Not the same for all: they would all come back at once. */
function retryMs(): number {
  return 1_000 + Math.floor(Math.random() * 2_000);
}
