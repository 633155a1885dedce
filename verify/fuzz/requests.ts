import fc from 'fast-check';
import type { Operation, Parameter } from './operations.ts';
import { NASTY, type ValueOptions, valueFor } from './values.ts';

/** One request, ready to send. */
export interface FuzzRequest {
  readonly operation: Operation;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** Requests to the operation: most of them sensible, some broken in one place or another. */
export function requestTo(operation: Operation, options: ValueOptions): fc.Arbitrary<FuzzRequest> {
  const at = (place: Parameter['in']) => operation.parameters.filter((parameter) => parameter.in === place);
  const values = (place: Parameter['in']) =>
    fc.record(Object.fromEntries(at(place).map(({ name, schema }) => [name, valueFor(schema, options, name, 1)])), {
      requiredKeys: at(place).flatMap(({ name, required }) => (required || place === 'path' ? [name] : [])),
    });
  const body = operation.body === null ? fc.constant(undefined) : aBody(operation, options);
  return fc.tuple(values('path'), values('query'), values('header'), body).map(([path, query, headers, text]) => ({
    operation,
    url: urlOf(operation, path, query),
    headers: { ...headersOf(headers), ...(text === undefined ? {} : { 'content-type': 'application/json' }) },
    body: text,
  }));
}

function aBody(operation: Operation, options: ValueOptions): fc.Arbitrary<string | undefined> {
  const json = valueFor(operation.body ?? {}, options).map((value) => JSON.stringify(value));
  const broken = fc.oneof(
    fc.constantFrom('', '{', '{"a":1,}', 'null', '[]', '"', '\ufeff{}', '{"a":1}{"b":2}'),
    fc.constantFrom(...NASTY).map((value) => JSON.stringify(value)),
  );
  return fc.oneof({ weight: 19, arbitrary: json }, { weight: 1, arbitrary: broken });
}

function urlOf(operation: Operation, path: Record<string, unknown>, query: Record<string, unknown>): string {
  const filled = operation.path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => encode(path[name]) || 'x');
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one) => `${encodeURIComponent(name)}=${encode(one)}`),
  );
  return pairs.length > 0 ? `${filled}?${pairs.join('&')}` : filled;
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

function encode(value: unknown): string {
  // Half a surrogate pair has no UTF-8 form: a client sends the replacement character.
  return encodeURIComponent(Buffer.from(textOf(value)).toString()).replaceAll('.', '%2E');
}

/** What a header can't carry never leaves a client. */
function headersOf(values: Record<string, unknown>): Record<string, string> {
  const sendable = (text: string) =>
    text
      .replaceAll(/[^\x20-\x7e]/g, '')
      .slice(0, 2_000)
      .trim();
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, sendable(textOf(value))]));
}
