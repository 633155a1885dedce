import { stat } from 'node:fs/promises';
import { LINE_TYPES, type LineType } from './canonical-columns.ts';
import { type Complain, checkRow, type RowContext } from './check-row.ts';
import type { ImportBrands } from './import-brands.ts';
import type { ImportMap } from './import-map.ts';
import type { ImportSession } from './import-session.ts';
import { type ProblemList, shown } from './problem.ts';
import { type OnProgress, ProgressMeter } from './progress.ts';
import { type ByteFindings, CsvBroken, type CsvRecord, readCsv } from './read-csv.ts';
import { compileRowReader, type RowReader } from './row-reader.ts';
import { Staging } from './staging.ts';

export interface StagedFile {
  /** Undefined: the header is wrong, and nothing else was looked at. */
  readonly reader: RowReader | undefined;
  readonly header: readonly string[];
  readonly lines: number;
  readonly badLines: number;
  readonly byType: Record<LineType, number>;
  /** Some line has a line_no of its own. */
  readonly numbered: boolean;
  /** The file could not be read to its end. */
  readonly broken: boolean;
  /** Returned or corrected lines that give a discount, tax or shipping. */
  readonly ignoredAmounts: number;
}

export interface StageOptions {
  readonly file: string;
  readonly map: ImportMap | undefined;
  readonly brands: ImportBrands;
  readonly problems: ProblemList;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/**
 * Reads the file once, checks every row by itself and copies it into the session's staging table, where the checks go on
 * that need the whole file. Bad rows are staged too, with their reason.
 */
export async function stageFile(session: ImportSession, options: StageOptions): Promise<StagedFile> {
  const stage = new FileStage(options);
  const size = (await stat(options.file).catch(() => undefined))?.size ?? 0;
  const meter = new ProgressMeter('reading', options.onProgress);
  let bytes = 0;
  const records = readCsv(options.file, {
    delimiter: options.map?.delimiter,
    encoding: options.map?.encoding,
    signal: options.signal,
    findings: stage.findings,
    onBytes: (read) => {
      bytes = read;
    },
  });
  let staging: Staging | undefined;
  try {
    for await (const batch of records) {
      options.signal?.throwIfAborted();
      const rows = stage.takeHeader(batch);
      if (stage.reader === undefined) return stage.result();
      staging ??= await Staging.open(session);
      for (const record of rows) stage.take(record, staging);
      await staging.flush();
      meter.update(stage.lines, size > 0 ? Math.min(bytes / size, 0.99) : 0);
    }
  } catch (error) {
    if (!(error instanceof CsvBroken)) throw error;
    stage.break(error);
  }
  await staging?.close();
  stage.end();
  meter.update(stage.lines, 1);
  return stage.result();
}

class FileStage {
  readonly findings: ByteFindings = { invalidUtf8: false, nul: false };
  reader: RowReader | undefined;
  lines = 0;
  readonly #options: StageOptions;
  #header: readonly string[] = [];
  #badLines = 0;
  #numbered = false;
  #broken = false;
  #ignoredAmounts = 0;
  #line = 1;
  #reasons: string[] = [];
  #rowContext: RowContext | undefined;
  readonly #byType = Object.fromEntries(LINE_TYPES.map((type) => [type, 0])) as Record<LineType, number>;

  constructor(options: StageOptions) {
    this.#options = options;
  }

  /** The first record of all is the header; the rest of the batch is returned. */
  takeHeader(batch: readonly CsvRecord[]): readonly CsvRecord[] {
    if (this.#header.length > 0) return batch;
    const [first, ...rest] = batch;
    if (first === undefined) return batch;
    this.#header = first.cells;
    const compiled = compileRowReader(first.cells, this.#options.map);
    if (Array.isArray(compiled))
      for (const problem of compiled) this.#options.problems.add({ ...problem, line: first.line });
    else this.reader = compiled;
    return rest;
  }

  take(record: CsvRecord, staging: Staging): void {
    const ordinal = ++this.lines;
    this.#line = record.line;
    this.#reasons = [];
    this.#checkShape(record);
    const canonical = this.#reader().read(record.cells);
    const row = this.#reasons.length > 0 ? undefined : checkRow(canonical, this.#context(), this.#complain);
    if (row !== undefined && this.#reasons.length === 0) {
      this.#byType[row.type]++;
      this.#numbered ||= row.line_no !== null;
      if (row.type !== 'sale' && hasAmounts(row)) this.#ignoredAmounts++;
      staging.add(ordinal, record.line, row);
    } else {
      this.#badLines++;
      const brand = this.#options.brands.of(canonical.tenant);
      const slug = typeof brand === 'string' ? '' : brand.slug;
      staging.addBad(ordinal, record.line, slug, storable(canonical.order_id), storable(this.#reasons.join('; ')));
    }
  }

  #reader(): RowReader {
    return this.reader as RowReader;
  }

  #context(): RowContext {
    this.#rowContext ??= { reader: this.#reader(), brandOf: (slug) => this.#options.brands.of(slug) };
    return this.#rowContext;
  }

  readonly #complain: Complain = (column, code, message) => this.#add(this.#reader().headerOf(column), code, message);

  #add(column: string | undefined, code: string, message: string): void {
    this.#reasons.push(message);
    this.#options.problems.add({ line: this.#line, column, code, message });
  }

  #checkShape({ cells }: CsvRecord): void {
    const { width } = this.#reader();
    if (cells.length !== width) {
      const hint =
        cells.length > width ? 'a cell with a comma needs quotes' : 'cells are missing, or a line break needs quotes';
      this.#add(undefined, 'ragged', `the row has ${cells.length} cells, the header ${width}: ${hint}`);
    }
    if (this.findings.nul || this.findings.invalidUtf8) this.#checkBytes(cells);
  }

  #checkBytes(cells: readonly string[]): void {
    for (const [index, cell] of cells.entries()) {
      const column = this.#header[index];
      if (cell.includes('\0')) this.#add(column, 'nul', 'the cell contains a NUL byte: remove it');
      if (this.findings.invalidUtf8 && cell.includes('\uFFFD')) {
        const remedy = 'save the file as UTF-8, or name its encoding in a map';
        this.#add(column, 'encoding', `${shown(cell)} is no valid UTF-8: ${remedy}`);
      }
    }
  }

  break(error: CsvBroken): void {
    this.#broken = true;
    this.#badLines++;
    this.#options.problems.add({ line: error.line, code: 'csv', message: error.message });
  }

  end(): void {
    const { problems } = this.#options;
    if (this.#header.length === 0 && !this.#broken)
      problems.add({ line: 1, code: 'empty', message: 'the file is empty: it needs a header and rows' });
  }

  result(): StagedFile {
    return {
      reader: this.reader,
      header: this.#header,
      lines: this.lines,
      badLines: this.#badLines,
      byType: this.#byType,
      numbered: this.#numbered,
      broken: this.#broken,
      ignoredAmounts: this.#ignoredAmounts,
    };
  }
}

const hasAmounts = (row: { discount: string | null; tax: string | null; shipping: string | null }) =>
  [row.discount, row.tax, row.shipping].some((amount) => amount !== null && Number(amount) !== 0);

/** Postgres keeps no NUL in a text. */
const storable = (text: string) => text.replaceAll('\0', '');
