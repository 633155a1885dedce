import { basename } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { openCommerceDatabase } from '../database.ts';
import { checkFile } from './check-file.ts';
import { ImportBrands, type KnownBrand } from './import-brands.ts';
import { type ImportMap, loadImportMap } from './import-map.ts';
import { type ImportReport, nothingWritten, type WrittenCounts } from './import-report.ts';
import { ImportSession } from './import-session.ts';
import { ProblemList } from './problem.ts';
import { type OnProgress, ProgressMeter } from './progress.ts';
import { claimSkipFile, writeSkipped } from './skip-bad.ts';
import { type StagedFile, stageFile } from './stage-file.ts';
import { createWorkTables, isolateBrands } from './work-tables.ts';
import { writeBrand } from './write-brand.ts';

export interface ImportOptions {
  /** CSV, gzip or not. */
  readonly file: string;
  /** Administrative URL of Postgres. */
  readonly databaseUrl: string;
  /** Slug of the brand that all lines belong to; without it the file has a column `tenant`. */
  readonly tenant?: string;
  /** A map, or the path of one. */
  readonly map?: ImportMap | string;
  /** Brands that do not exist are made, with this currency and zone. */
  readonly createTenants?: boolean;
  readonly currency?: string;
  readonly timezone?: string;
  /** Check everything, write nothing. */
  readonly dryRun?: boolean;
  /** Import the good lines and write the bad ones to this new file. */
  readonly skipBad?: string;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/**
 * Imports a file of order lines into Postgres. Nothing is imported when a line is bad, unless `skipBad` says where the bad
 * ones go. The same file again changes nothing, and an import that was cut off goes on. Throws ImportRefused when
 * it was asked for in a way that can't work; bad lines are no error but part of the report.
 */
export async function importOrders(options: ImportOptions): Promise<ImportReport> {
  const map = typeof options.map === 'string' ? await loadImportMap(options.map) : options.map;
  const database = await openCommerceDatabase(options.databaseUrl, { maxConnections: 1 });
  try {
    const brands = await ImportBrands.load(database, options);
    const session = await ImportSession.open(options.databaseUrl);
    // An abort ends the connection under a running statement: Postgres rolls back and drops the temporary tables.
    const abort = () => void session.close();
    options.signal?.addEventListener('abort', abort, { once: true });
    try {
      options.signal?.throwIfAborted();
      return await new OrderImport(options, map, brands, session, (brand) => brands.stored(database, brand)).run();
    } catch (error) {
      options.signal?.throwIfAborted();
      throw error;
    } finally {
      options.signal?.removeEventListener('abort', abort);
      await session.close();
    }
  } finally {
    await database.close();
  }
}

class OrderImport {
  readonly #problems = new ProblemList();
  readonly #conflicts = new ProblemList();
  readonly #written: WrittenCounts = nothingWritten();
  readonly #created: string[] = [];
  readonly #start = performance.now();
  #readSeconds = 0;
  #imported = false;
  #skipped: ImportReport['skipped'] = null;

  constructor(
    private readonly options: ImportOptions,
    private readonly map: ImportMap | undefined,
    private readonly brands: ImportBrands,
    private readonly session: ImportSession,
    private readonly store: (brand: KnownBrand) => ReturnType<ImportBrands['stored']>,
  ) {}

  async run(): Promise<ImportReport> {
    const { skipBad, dryRun, file } = this.options;
    if (skipBad !== undefined && !dryRun) await claimSkipFile(skipBad);
    const staged = await stageFile(this.session, {
      ...this.options,
      map: this.map,
      brands: this.brands,
      problems: this.#problems,
    });
    if (staged.reader !== undefined) {
      await createWorkTables(this.session);
      const headerOf = staged.reader.headerOf;
      const bad = staged.badLines + (await checkFile(this.session, staged.numbered, headerOf, this.#problems));
      // A file that breaks off can't be skipped over: what follows is unknown.
      this.#imported = bad === 0 || (skipBad !== undefined && !staged.broken);
      this.#readSeconds = this.#elapsed();
      if (this.#imported && !dryRun) {
        if (bad > 0 && skipBad !== undefined) {
          await writeSkipped(this.session, file, this.map, staged.header, skipBad);
          this.#skipped = { lines: bad, file: skipBad };
        }
        await this.#write(staged, headerOf);
      }
    }
    return this.#report(staged);
  }

  async #write(staged: StagedFile, headerOf: StagedFileHeader): Promise<void> {
    const { file, signal, onProgress } = this.options;
    await isolateBrands(this.session);
    const meter = new ProgressMeter('writing', onProgress);
    const total = Object.values(staged.byType).reduce((sum, count) => sum + count, 0);
    let lines = 0;
    for (const known of this.brands.used) {
      const brand = await this.store(known);
      if (known.id === null) this.#created.push(known.slug);
      await writeBrand(this.session, brand, {
        batch: uuidv7(),
        file: basename(file),
        headerOf,
        conflicts: this.#conflicts,
        written: this.#written,
        onLines: (count) => {
          lines += count;
          meter.update(lines, Math.min(lines / total, 0.99));
        },
        signal,
      });
    }
    meter.update(lines, 1);
  }

  #elapsed(): number {
    return Math.round(performance.now() - this.#start) / 1000;
  }

  #report(staged: StagedFile): ImportReport {
    const total = this.#elapsed();
    const read = this.#readSeconds || total;
    return {
      file: this.options.file,
      ok: this.#problems.count === 0 && this.#conflicts.count === 0,
      dryRun: this.options.dryRun ?? false,
      imported: this.#imported,
      lines: staged.lines,
      byType: staged.byType,
      brands: this.brands.used.map(({ slug }) => slug),
      brandsCreated: this.#created,
      problemCount: this.#problems.count,
      problemsByCode: this.#problems.byCode,
      problems: this.#problems.first,
      skipped: this.#skipped,
      conflictCount: this.#conflicts.count,
      conflicts: this.#conflicts.first,
      notes: notes(staged),
      written: this.#written,
      seconds: { read, write: Math.round((total - read) * 1000) / 1000, total },
    };
  }
}

type StagedFileHeader = NonNullable<StagedFile['reader']>['headerOf'];

function notes({ ignoredAmounts }: StagedFile): string[] {
  if (ignoredAmounts === 0) return [];
  return [
    `discount, tax and shipping count on sales only: ${ignoredAmounts} returned or corrected lines give some, which was left out`,
  ];
}
