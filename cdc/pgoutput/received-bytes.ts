/** Bytes received and not yet decoded. The socket is paused when there are many, which in turn slows the server down. */
import type { Socket } from 'node:net';

export class ReceivedBytes {
  private readonly chunks: Buffer[] = [];
  private next = 0;
  private bytes = 0;
  private paused = false;

  constructor(
    private readonly socket: Socket,
    private readonly limit: number,
    private readonly onBytes: () => void,
  ) {
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.resume();
  }

  /** The oldest chunk, or null when all were taken. */
  take(): Buffer | null {
    if (this.next === this.chunks.length) return null;
    const chunk = this.chunks[this.next] as Buffer;
    this.chunks[this.next++] = empty;
    if (this.next === this.chunks.length) {
      this.chunks.length = 0;
      this.next = 0;
    }
    this.bytes -= chunk.length;
    if (this.paused && this.bytes < this.limit / 2) {
      this.paused = false;
      this.socket.resume();
    }
    return chunk;
  }

  private receive(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.bytes += chunk.length;
    if (this.bytes >= this.limit) {
      this.paused = true;
      this.socket.pause();
    }
    this.onBytes();
  }
}

const empty = Buffer.alloc(0);
