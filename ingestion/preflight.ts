import { inspect } from '../cdc/inspect.ts';
import { type Finding, preflight } from '../cdc/preflight.ts';
import { Failure } from '../runtime/failure.ts';
import type { Log } from '../runtime/log.ts';
import type { SourceDatabase } from './source-database.ts';

/** Tables whose rows are only ever inserted: their old rows are never needed. */
const APPEND_ONLY = ['audit_logs'];

/** Looks whether Postgres can be streamed from: throws a Failure that says the SQL to run, logs mere warnings. */
export async function checkSource(
  database: SourceDatabase,
  expected: { readonly publication: string; readonly slot: string },
  log: Log,
): Promise<void> {
  const findings = await database.with(async (client) => {
    const expectation = { ...expected, schema: 'commerce', tables: [], appendOnly: APPEND_ONLY };
    return preflight(await inspect(client, expected), expectation);
  });
  // A lost slot needs no person: everything is copied again.
  const errors = findings.filter(({ level, code }) => level === 'error' && code !== 'slot_lost');
  for (const finding of findings) {
    if (finding.level === 'warning') log.warn({ code: finding.code, action: finding.action }, finding.message);
  }
  if (errors.length > 0)
    throw new Failure(`Postgres is not ready for the stream: ${lines(errors, 'message')}`, lines(errors, 'action'));
}

function lines(findings: readonly Finding[], part: 'message' | 'action'): string {
  return findings.map((finding) => finding[part]).join('\n');
}
