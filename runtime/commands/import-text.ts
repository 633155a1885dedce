import type { ImportReport } from '../../api/commerce/import/import-report.ts';

/** What an import tells the operator: what is wrong, where, and what became of the rest. */
export function importText(report: ImportReport): string {
  const problems = [...report.problems, ...report.conflicts].map(({ line, column, message }) =>
    column ? `  line ${line}, ${column}: ${message}` : `  line ${line}: ${message}`,
  );
  const bad = report.problemCount + report.conflictCount;
  return `${[
    `${counted(report.lines, 'line')} read in ${report.seconds.read} s, written in ${report.seconds.write} s.`,
    ...(report.brandsCreated.length > 0 ? [`Brands made: ${report.brandsCreated.join(', ')}.`] : []),
    ...report.notes,
    ...(bad > 0
      ? [
          `${counted(bad, 'problem')}${bad > problems.length ? `, the first ${problems.length} of them` : ''}:`,
          ...problems,
        ]
      : []),
    ...(report.skipped ? [`${counted(report.skipped.lines, 'bad line')} in ${report.skipped.file}.`] : []),
    outcome(report),
  ].join('\n')}\n`;
}

function outcome(report: ImportReport): string {
  const { imported, dryRun, skipped, byType } = report;
  if (!imported) return dryRun ? 'Nothing would be imported.' : 'Nothing was imported.';
  if (Object.values(byType).every((lines) => lines === 0)) return 'Nothing to import: there is no good line.';
  if (dryRun) return `${skipped ? 'All other lines' : 'Everything'} could be imported; this was a dry run.`;
  const written = Object.entries(report.written)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`);
  return written.length > 0 ? `Imported: ${written.join(', ')}.` : 'Everything was there already.';
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;
