import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Duplex, Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { ImportRefused } from './import-refused.ts';

export interface CsvRecord {
  /** Line on which the record starts; the header is on line 1. */
  readonly line: number;
  readonly cells: string[];
}

/** What the bytes read so far contained. Set before the records made of those bytes come out. */
export interface ByteFindings {
  invalidUtf8: boolean;
  nul: boolean;
}

export interface ReadCsvOptions {
  readonly delimiter?: string;
  readonly encoding?: 'utf-8' | 'windows-1252' | 'utf-16le';
  readonly signal?: AbortSignal;
  readonly findings?: ByteFindings;
  /** Bytes of the file (compressed, if it is) read so far. */
  readonly onBytes?: (bytes: number) => void;
}

/** The file can't be read on from this line; what came before it was handed out. */
export class CsvBroken extends Error {
  override readonly name = 'CsvBroken';
  readonly line: number;
  constructor(line: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.line = line;
  }
}

const BATCH = 500;
/** A record this large is an unclosed quote: reading on would take the rest of the file into memory. */
const LARGEST_RECORD = 4 * 1024 * 1024;

/**
 * The records of a CSV file in batches, header first, empty lines left out; gzip is recognised by its content.
 * Memory is bounded by the largest record. Throws ImportRefused when there is no such file, CsvBroken when the
 * text is no CSV any more.
 */
export async function* readCsv(path: string, options: ReadCsvOptions = {}): AsyncGenerator<CsvRecord[]> {
  const compressed = await isGzip(path);
  const source = createReadStream(path, { highWaterMark: 256 * 1024, signal: options.signal });
  source.on('data', () => options.onBytes?.(source.bytesRead));
  const parser = parse({
    bom: true,
    delimiter: options.delimiter ?? ',',
    relax_column_count: true,
    // `6" NAILS` unquoted is a frequent cell.
    relax_quotes: true,
    max_record_size: LARGEST_RECORD,
  });
  const stages: Duplex[] = [...(compressed ? [createGunzip()] : []), ...decoder(options), inspector(options.findings)];
  // The parser's own error comes out of the loop below; without a handler here it would be unhandled as well.
  const piped = pipeline([source, ...stages, parser]).catch((error: unknown) => parser.destroy(error as Error));
  let line = 1;
  let batch: CsvRecord[] = [];
  try {
    for await (const cells of parser as AsyncIterable<string[]>) {
      if (cells.length > 1 || cells[0] !== '') batch.push({ line, cells });
      line += 1 + newlines(cells);
      if (batch.length === BATCH) {
        yield batch;
        batch = [];
      }
    }
    if (batch.length > 0) yield batch;
    await piped;
  } catch (error) {
    if (options.signal?.aborted) throw error;
    if (batch.length > 0) yield batch;
    throw new CsvBroken(line, explain(error), { cause: error });
  } finally {
    source.destroy();
    parser.destroy();
  }
}

async function isGzip(path: string): Promise<boolean> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path);
  } catch (cause) {
    throw new ImportRefused(`${path} can't be read: ${(cause as Error).message}`, 'Check the file name.', { cause });
  }
  try {
    if ((await file.stat()).isDirectory()) throw new ImportRefused(`${path} is a folder`, 'Name a CSV file.');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    if (bytesRead >= 2 && buffer[0] === 0x50 && buffer[1] === 0x4b) {
      throw new ImportRefused(
        `${path} is a zip archive or a spreadsheet`,
        'Save it as CSV (UTF-8) or unpack it first.',
      );
    }
    return bytesRead >= 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

function decoder({ encoding }: ReadCsvOptions): Transform[] {
  if (encoding === undefined || encoding === 'utf-8') return [];
  const text = new TextDecoder(encoding);
  return [
    new Transform({
      transform: (chunk: Buffer, _, done) => done(null, Buffer.from(text.decode(chunk, { stream: true }))),
    }),
  ];
}

/** Passes bytes through and notes what no cell may contain. A character cut by the end of a chunk is carried over. */
function inspector(findings: ByteFindings | undefined): Transform {
  let carry: Buffer = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _, done: TransformCallback) {
      if (findings) {
        if (!findings.nul && chunk.includes(0)) findings.nul = true;
        const whole = carry.length > 0 ? Buffer.concat([carry, chunk]) : chunk;
        const cut = whole.length - unfinished(whole);
        if (!findings.invalidUtf8 && !isUtf8(whole.subarray(0, cut))) findings.invalidUtf8 = true;
        carry = whole.subarray(cut);
      }
      done(null, chunk);
    },
    flush(done) {
      if (findings && carry.length > 0) findings.invalidUtf8 = true;
      done();
    },
  });
}

/** Bytes at the end that begin a character of UTF-8 without ending it. */
function unfinished(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
}

function newlines(cells: readonly string[]): number {
  let count = 0;
  for (const cell of cells) {
    for (let at = cell.indexOf('\n'); at >= 0; at = cell.indexOf('\n', at + 1)) count++;
  }
  return count;
}

function explain(error: unknown): string {
  const { code, message } = error as { code?: string; message: string };
  if (code === 'CSV_QUOTE_NOT_CLOSED' || code === 'CSV_MAX_RECORD_SIZE') {
    return 'a quoted cell that begins on this line is never closed: add the missing quote, or double a quote that belongs to the text';
  }
  if (code?.startsWith('Z_')) return `the compressed file is damaged or cut off (${message}): transfer it again`;
  return `the file can't be read on from here: ${message}`;
}
