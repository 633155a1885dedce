import fc from 'fast-check';
import { expect, it } from 'vitest';
import { firstNonJson } from './json-place.ts';

const isJson = (text: string) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

it('points at the first character that is out of place', () => {
  for (const [text, place] of [
    ['{"a": [1, 2, {"b": null}], "c": -1.5e3} \n', null],
    ['{"a": [,]}', 7],
    ['{"a": 01}', 7],
    ['[1 2]', 3],
    ['{"a" 1}', 5],
    ["{'a': 1}", 1],
    ['[1,]', 3],
    ['{"a":', 5],
    ['[] []', 3],
    ['["\t"]', 1],
  ] as const) {
    expect(firstNonJson(text), text).toBe(place);
  }
});

// Mutation: any slip in the grammar. Seeds are printed with the counterexample; replay with { seed, path }.
it('agrees with the parser on what is JSON', () => {
  const scraps = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"\\u00e9"',
    '1',
    '-0.5e+1',
    'true',
    'null',
    ' ',
    'x',
    '"',
    '01',
  );
  const soup = fc.array(scraps, { maxLength: 12 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(soup, fc.json(), fc.string()), (text) => {
      expect(firstNonJson(text) === null).toBe(isJson(text));
    }),
    { numRuns: 2_000 },
  );
});
