import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { ImportMap } from './import-map.ts';
import { ImportRefused } from './import-refused.ts';
import type { ImportSession } from './import-session.ts';
import { readCsv } from './read-csv.ts';

interface BadLine extends Record<string, unknown> {
  record: number;
  line: number;
  ordinal: number | null;
  reason: string;
}

const PAGE = 2_000;

async function* badLines(session: ImportSession): AsyncGenerator<BadLine> {
  let last = 0;
  for (;;) {
    const page = await session.query<BadLine>(
      `SELECT record, line, reason, CASE WHEN order_id <> '' THEN ordinal END AS ordinal FROM import_lines
       WHERE reason IS NOT NULL AND record > $1 ORDER BY record LIMIT ${PAGE}`,
      [last],
    );
    yield* page;
    if (page.length < PAGE) return;
    last = page.at(-1)?.record ?? last;
  }
}

/** Fails before anything is read when the file can't be written, or exists: it may hold rows of an earlier import. */
export async function claimSkipFile(path: string): Promise<void> {
  try {
    await (await open(path, 'wx', 0o600)).close();
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    throw new ImportRefused(
      exists ? `${path} exists already` : `${path} can't be written: ${(cause as Error).message}`,
      exists ? 'Name a new file for the skipped rows, or remove that one.' : undefined,
      { cause },
    );
  }
}

/**
 * Writes the bad rows as they stand in the file, with their reason, to a file that can be corrected and imported like the
 * original (with the same map): columns that begin with _ are remarks, and line_no keeps their numbers in their orders.
 */
export async function writeSkipped(
  session: ImportSession,
  file: string,
  map: ImportMap | undefined,
  header: readonly string[],
  to: string,
): Promise<void> {
  const out = createWriteStream(to);
  const withLineNo =
    !header.some((name) => name.trim().toLowerCase() === 'line_no') && map?.columns.line_no === undefined;
  const write = async (cells: readonly string[]) => {
    if (!out.write(`${cells.map(csvCell).join(map?.delimiter ?? ',')}\n`)) await once(out, 'drain');
  };
  await write([...header, ...(withLineNo ? ['line_no'] : []), '_line', '_reason']);
  const bad = badLines(session);
  let next = (await bad.next()).value as BadLine | undefined;
  let record = -1;
  for await (const batch of readCsv(file, { delimiter: map?.delimiter, encoding: map?.encoding })) {
    for (const { cells } of batch) {
      record++;
      if (record !== next?.record) continue;
      const padded = header.map((_, index) => cells[index] ?? '');
      await write([...padded, ...(withLineNo ? [String(next.ordinal ?? '')] : []), String(next.line), next.reason]);
      next = (await bad.next()).value as BadLine | undefined;
    }
    if (next === undefined) break;
  }
  out.end();
  await once(out, 'close');
}

function csvCell(text: string): string {
  return /[",;\t\n\r]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
