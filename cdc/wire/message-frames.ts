/**
 * Cuts the server's byte stream into protocol messages without copying: a message is handed out as a range of the received
 * chunk. Only one that spans chunks is put together in a buffer of its own.
 */

/**
 * Handles one message body in `bytes[from, to)`, which is valid during the call only. Returns false to stop: it is not called
 * again until `resume`.
 */
export type MessageHandler = (code: number, bytes: Buffer, from: number, to: number) => boolean;

const headerLength = 5;
/** The buffer for messages that span chunks is kept up to this size. */
const keptRoom = 256 * 1024;
const nothing = Buffer.alloc(0);

export class MessageFrames {
  /** The chunk being cut, and what of it is left. */
  private chunk: Buffer = nothing;
  private from = 0;
  private stopped = false;
  /** The beginning of a message whose rest has not arrived. */
  private room: Buffer = Buffer.allocUnsafeSlow(1024);
  private begun = 0;

  constructor(private readonly handle: MessageHandler) {}

  /** True while the handler asked to wait. */
  get isStopped(): boolean {
    return this.stopped;
  }

  /** The next bytes. Not while stopped. */
  push(chunk: Buffer): void {
    if (this.stopped) throw new Error('bytes pushed while stopped');
    this.chunk = chunk;
    this.from = 0;
    if (this.begun > 0 && !this.finishBegun()) return;
    if (!this.stopped) this.run();
  }

  /** Goes on after a stop. */
  resume(): void {
    this.stopped = false;
    this.run();
  }

  private run(): void {
    const { chunk } = this;
    while (chunk.length - this.from >= headerLength) {
      const start = this.from;
      const end = start + 1 + chunk.readUInt32BE(start + 1);
      if (end > chunk.length) break;
      // Moved on before the call, so that a handler that throws or stops has consumed its message.
      this.from = end;
      if (!this.handle(chunk[start] as number, chunk, start + headerLength, end)) {
        this.stopped = true;
        return;
      }
    }
    this.fill(chunk.length - this.from);
    this.chunk = nothing;
    this.from = 0;
  }

  /** Completes the begun message from the chunk and hands it out; false when the chunk did not suffice. */
  private finishBegun(): boolean {
    if (this.begun < headerLength) this.fill(Math.min(headerLength - this.begun, this.chunk.length));
    if (this.begun < headerLength) return false;
    const length = 1 + this.room.readUInt32BE(1);
    this.fill(Math.min(length - this.begun, this.chunk.length - this.from));
    if (this.begun < length) return false;
    const { room } = this;
    this.begun = 0;
    if (!this.handle(room[0] as number, room, headerLength, length)) this.stopped = true;
    if (room.length > keptRoom) this.room = Buffer.allocUnsafeSlow(1024);
    return true;
  }

  /** Moves bytes of the chunk into the room, which is made to hold the whole message at once: large values cost linear time. */
  private fill(count: number): void {
    if (count === 0) return;
    const { chunk, from, begun } = this;
    let needed = begun + count;
    if (begun >= headerLength) needed = 1 + this.room.readUInt32BE(1);
    else if (begun === 0 && count >= headerLength) needed = 1 + chunk.readUInt32BE(from + 1);
    if (needed > this.room.length) {
      const larger = Buffer.allocUnsafeSlow(needed);
      this.room.copy(larger, 0, 0, begun);
      this.room = larger;
    }
    chunk.copy(this.room, begun, from, from + count);
    this.begun = begun + count;
    this.from = from + count;
  }
}
