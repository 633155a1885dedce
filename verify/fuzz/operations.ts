// Every endpoint of an OpenAPI 3.1 document, as a fuzzer needs it.

/** A JSON schema (2020-12), references resolved by `resolver`. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly [keyword: string]: unknown;
}

export interface Parameter {
  readonly in: 'path' | 'query' | 'header';
  readonly name: string;
  readonly required: boolean;
  readonly schema: Schema;
}

export interface Operation {
  readonly method: string;
  /** With its templates: `/api/v1/orders/{id}`. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** Of an `application/json` body; null when it takes none. */
  readonly body: Schema | null;
  /** Status → media type → schema. */
  readonly responses: ReadonlyMap<number, ReadonlyMap<string, Schema | null>>;
}

/** The parts of a document that are read here. */
export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

interface Described {
  readonly parameters?: readonly (Omit<Parameter, 'required'> & { readonly required?: boolean })[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> };
  readonly responses?: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> }>
  >;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

export function operationsOf(document: Document): Operation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => METHODS.includes(method))
      .map(([method, value]) => operation(method, path, value as Described)),
  );
}

function operation(method: string, path: string, described: Described): Operation {
  const responses = Object.entries(described.responses ?? {}).map(([status, { content = {} }]) => {
    const types = Object.entries(content).map(([type, { schema }]) => [type, schema ?? null] as const);
    return [Number(status), new Map(types)] as const;
  });
  return {
    method: method.toUpperCase(),
    path,
    parameters: (described.parameters ?? []).map((one) => ({ ...one, required: one.required ?? false })),
    body: described.requestBody?.content?.['application/json']?.schema ?? null,
    responses: new Map(responses),
  };
}

/** Follows `$ref` into the document's components. */
export function resolver(document: Document): (schema: Schema) => Schema {
  const resolve = (schema: Schema): Schema => {
    if (schema.$ref === undefined) return schema;
    const name = schema.$ref.replace('#/components/schemas/', '');
    const target = document.components?.schemas?.[name];
    if (target === undefined) throw new Error(`${schema.$ref} is not in the document`);
    return resolve(target);
  };
  return resolve;
}
