import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { Document, Operation, Schema } from './operations.ts';

/** What is wrong with a response by the document; null when nothing is. */
export type Conformity = (
  operation: Operation,
  response: { status: number; headers: Headers; text: string },
) => string | null;

/** No 5xx; every 4xx is a problem document; every 2xx has a body of the documented type that matches its schema. */
export function conformityTo(document: Document): Conformity {
  const ajv = new Ajv2020({ strict: false, allErrors: false });
  (formats as unknown as (ajv: Ajv2020) => void)(ajv);
  ajv.addSchema({ $id: 'api', ...document });
  const compiled = new Map<Schema, ReturnType<typeof ajv.compile>>();
  const mismatch = (schema: Schema, text: string): string | null => {
    const validate = compiled.get(schema) ?? ajv.compile(absolute(schema));
    compiled.set(schema, validate);
    return validate(JSON.parse(text)) ? null : `${ajv.errorsText(validate.errors)} in ${text.slice(0, 500)}`;
  };
  return (operation, { status, headers, text }) => {
    if (status >= 500) return `answered ${status}: ${text.slice(0, 300)}`;
    const type = (headers.get('content-type') ?? '').split(';')[0] ?? '';
    const declared = operation.responses.get(status);
    if (declared === undefined) return `answered ${status}, which is not documented: ${text.slice(0, 300)}`;
    if (status === 204) return text === '' ? null : 'answered 204 with a body';
    if (status >= 400 && type !== 'application/problem+json') return `answered ${status} as ${type}`;
    if (!declared.has(type)) return `answered ${status} as ${type}, which is not documented`;
    const schema = declared.get(type);
    return schema && type.endsWith('json') ? mismatch(schema, text) : null;
  };
}

/** References of the document, made to lead into it from anywhere. */
function absolute(schema: Schema): Schema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"api#/components/')) as Schema;
}
