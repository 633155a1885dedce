/** COPY … TO STDOUT as large chunks of whole rows: text format is TabSeparated already, so its bytes are handed on. */
import type { Socket } from 'node:net';
import { MessageFrames } from './message-frames.ts';
import { queryMessage, serverError } from './take-over.ts';

export interface CopiedChunk {
  readonly bytes: Buffer;
  readonly rows: number;
}

const chunkBytes = 2 * 1024 * 1024;
/** Finished chunks waiting for the consumer; beyond, reading pauses. */
const waitingChunks = 2;

const newline = Buffer.from('\n');

/**
 * Runs the COPY on a taken-over connection and yields its rows, each ending in `rowEnd` instead of its newline (constant
 * columns cost less here than in Postgres). The connection is free for another statement afterwards. Stopping early destroys it.
 */
export async function* copyOut(socket: Socket, sql: string, rowEnd: Buffer = newline): AsyncGenerator<CopiedChunk> {
  const reader = new CopyReader(socket, rowEnd);
  try {
    socket.write(queryMessage(sql));
    for (;;) {
      const chunk = await reader.next();
      if (!chunk) return;
      yield chunk;
    }
  } finally {
    reader.detach();
  }
}

/** Runs a statement whose rows don't matter. */
export async function run(socket: Socket, sql: string): Promise<void> {
  for await (const _ of copyOut(socket, sql));
}

class CopyReader {
  private target = Buffer.allocUnsafeSlow(chunkBytes);
  private length = 0;
  private rows = 0;
  private readonly ready: CopiedChunk[] = [];
  private done = false;
  private error: Error | null = null;
  private wake: (() => void) | null = null;
  private readonly frames = new MessageFrames((code, bytes, from, to) => this.message(code, bytes, from, to));
  private readonly onData = (chunk: Buffer) => {
    this.frames.push(chunk);
    if (this.ready.length >= waitingChunks) this.socket.pause();
    if (this.ready.length > 0 || this.done) this.wake?.();
  };
  private readonly onClose = () => {
    this.error ??= new Error('the server closed the connection during COPY');
    this.done = true;
    this.wake?.();
  };

  constructor(
    private readonly socket: Socket,
    private readonly rowEnd: Buffer,
  ) {
    socket.on('data', this.onData).on('close', this.onClose);
    socket.resume();
  }

  async next(): Promise<CopiedChunk | null> {
    for (;;) {
      const chunk = this.ready.shift();
      if (chunk) return chunk;
      if (this.error) throw this.error;
      if (this.done) return null;
      this.socket.resume();
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      this.wake = null;
    }
  }

  detach(): void {
    this.socket.off('data', this.onData).off('close', this.onClose);
    this.socket.pause();
    if (!this.done) this.socket.destroy();
  }

  private message(code: number, bytes: Buffer, from: number, to: number): boolean {
    if (code === 0x64) {
      this.row(bytes, from, to);
    } else if (code === 0x45) {
      this.error = serverError(bytes.subarray(from, to));
    } else if (code === 0x5a) {
      this.finishChunk();
      this.done = true;
    }
    return true;
  }

  private row(bytes: Buffer, from: number, to: number): void {
    const { rowEnd } = this;
    const size = to - 1 - from + rowEnd.length;
    if (this.length + size > this.target.length) {
      this.finishChunk();
      this.target = Buffer.allocUnsafeSlow(Math.max(chunkBytes, size));
    }
    const { target } = this;
    let at = this.length;
    at += bytes.copy(target, at, from, to - 1);
    for (let i = 0; i < rowEnd.length; i++) target[at + i] = rowEnd[i] as number;
    this.length = at + rowEnd.length;
    this.rows++;
  }

  private finishChunk(): void {
    if (this.rows > 0) this.ready.push({ bytes: this.target.subarray(0, this.length), rows: this.rows });
    this.length = 0;
    this.rows = 0;
  }
}
