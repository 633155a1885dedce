// Where a text stops being JSON. The engine's own parser says so for some errors only, and how depends on its version.

const TOKEN =
  /[ \t\r\n]*(?:([{}[\],:])|("(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/uy;

/** What may come next. */
type Expected = 'value' | 'value or ]' | 'key or }' | 'key' | ':' | ', or end' | 'nothing';

/** Offset of the first character that can't be part of JSON; the text's length when it ends too early. Null when it is JSON. */
export function firstNonJson(text: string): number | null {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  for (let at = 0; ; ) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    const start = at + (/^[ \t\r\n]*/.exec(text.slice(at, at + 1_000))?.[0].length ?? 0);
    if (match === null) return expected === 'nothing' && start >= text.length ? null : start;
    const next = step(expected, match[1] ?? (match[2] === undefined ? 'literal' : 'string'), open);
    if (next === null) return start;
    expected = next;
    at = TOKEN.lastIndex;
  }
}

/** The grammar: what is expected after a token, or null when the token is out of place. */
function step(expected: Expected, token: string, open: ('{' | '[')[]): Expected | null {
  const after = (): Expected => (open.length === 0 ? 'nothing' : ', or end');
  const closed = () => {
    open.pop();
    return after();
  };
  switch (expected) {
    case 'value':
    case 'value or ]':
      if (token === 'literal' || token === 'string') return after();
      if (token === '{' || token === '[') {
        open.push(token);
        return token === '{' ? 'key or }' : 'value or ]';
      }
      return expected === 'value or ]' && token === ']' ? closed() : null;
    case 'key or }':
      if (token === '}') return closed();
      return token === 'string' ? ':' : null;
    case 'key':
      return token === 'string' ? ':' : null;
    case ':':
      return token === ':' ? 'value' : null;
    case ', or end':
      if (token === ',') return open.at(-1) === '{' ? 'key' : 'value';
      return token === (open.at(-1) === '{' ? '}' : ']') ? closed() : null;
    case 'nothing':
      return null;
  }
}
