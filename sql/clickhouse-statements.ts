/**
 * The statements of a ClickHouse script. Semicolons inside quotes, comments and heredocs ($tag$…$tag$) end nothing; pieces
 * of comments and white space alone are dropped. ClickHouse takes one statement per request, hence this.
 */
export function splitStatements(script: string): string[] {
  const statements: string[] = [];
  let start = 0;
  let hasCode = false;
  let at = 0;
  const end = (until: number) => {
    if (hasCode) statements.push(script.slice(start, until).trim());
    start = until + 1;
    hasCode = false;
  };
  while (at < script.length) {
    const skipped = endOfComment(script, at);
    if (skipped > at) {
      at = skipped;
      continue;
    }
    const char = script[at] as string;
    if (char === ';') end(at);
    else if (!/\s/.test(char)) hasCode = true;
    at = endOfQuoted(script, at);
  }
  end(script.length);
  return statements;
}

/** Where the comment that begins at `at` ends; `at` itself when none begins there. */
function endOfComment(script: string, at: number): number {
  if (script.startsWith('--', at) || script.startsWith('# ', at) || script.startsWith('#!', at)) {
    const newline = script.indexOf('\n', at);
    return newline < 0 ? script.length : newline;
  }
  if (!script.startsWith('/*', at)) return at;
  const close = script.indexOf('*/', at + 2);
  if (close < 0) throw new Error('A comment /* is never closed.');
  return close + 2;
}

/** The place after the quoted text or heredoc that begins at `at`; after the single character when none begins there. */
function endOfQuoted(script: string, at: number): number {
  const quote = script[at] as string;
  if (quote === '$') {
    const tag = /^\$\w*\$/.exec(script.slice(at, at + 64))?.[0];
    if (!tag) return at + 1;
    const close = script.indexOf(tag, at + tag.length);
    if (close < 0) throw new Error(`A heredoc ${tag} is never closed.`);
    return close + tag.length;
  }
  if (quote !== "'" && quote !== '"' && quote !== '`') return at + 1;
  for (let next = at + 1; next < script.length; next++) {
    if (script[next] === '\\') next++;
    // A doubled quote closes and opens again: the same end in either reading.
    else if (script[next] === quote) return next + 1;
  }
  throw new Error(`A quote ${quote} is never closed: ${script.slice(at, at + 60)}`);
}

/**
 * Why a statement could not simply run again, or null. A migration interrupted half-way runs from its start, since
 * ClickHouse has no transaction around DDL.
 */
export function notRepeatable(statement: string): string | null {
  const code = statement
    .replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  if (/^CREATE /i.test(code) && !/^CREATE OR REPLACE |^CREATE (\w+ ){1,2}IF NOT EXISTS /i.test(code)) {
    return 'CREATE needs IF NOT EXISTS or OR REPLACE';
  }
  if (/^DROP /i.test(code) && !/^DROP (\w+ ){1,2}IF EXISTS /i.test(code)) return 'DROP needs IF EXISTS';
  if (/^ALTER /i.test(code) && /\bADD (COLUMN|INDEX|PROJECTION|CONSTRAINT) (?!IF NOT EXISTS)/i.test(code)) {
    return 'ADD needs IF NOT EXISTS';
  }
  if (/^ALTER /i.test(code) && /\bDROP (COLUMN|INDEX|PROJECTION|CONSTRAINT) (?!IF EXISTS)/i.test(code)) {
    return 'DROP needs IF EXISTS';
  }
  return /^(INSERT|RENAME|EXCHANGE) /i.test(code) ? 'it would take effect twice' : null;
}
