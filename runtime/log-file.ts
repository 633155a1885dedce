import { createWriteStream, renameSync, statSync, type WriteStream } from 'node:fs';

const largestBytes = 10_000_000;

/** Appends lines to a file; at 10 MB it becomes `FILE.1` and a new one begins, so at most 20 MB are kept. */
export class LogFile {
  private readonly path: string;
  private stream: WriteStream;
  private bytes: number;

  constructor(path: string) {
    this.path = path;
    this.bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    this.stream = this.open();
  }

  /** Never throws and never blocks: a full disk must not stop the business because of a log. */
  write(text: string): void {
    const line = text.endsWith('\n') ? text : `${text}\n`;
    if (this.bytes > largestBytes) this.rotate();
    this.bytes += Buffer.byteLength(line);
    if (!this.stream.destroyed) this.stream.write(line);
  }

  close(): Promise<void> {
    return new Promise((done) => (this.stream.destroyed ? done() : this.stream.end(done)));
  }

  private rotate(): void {
    this.stream.end();
    try {
      renameSync(this.path, `${this.path}.1`);
      this.bytes = 0;
    } catch {
      // Goes on in the same file; tried again with the next line.
    }
    this.stream = this.open();
  }

  private open(): WriteStream {
    const stream = createWriteStream(this.path, { flags: 'a', mode: 0o600 });
    stream.on('error', () => {});
    return stream;
  }
}
