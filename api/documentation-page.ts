// The OpenAPI document as one static page: no scripts, no assets from elsewhere.
import { problemTypes, problemTypeUri } from './problem.ts';

interface Schema {
  readonly type?: string | readonly string[];
  readonly $ref?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema; readonly example?: unknown }>>;
}

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly { name: string; in: string; required?: boolean; description?: string }[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content & { readonly description: string }>>;
}

/** As much of an OpenAPI document as the page shows. */
export interface OpenApiDocument {
  readonly info: { readonly title: string; readonly description?: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

export const documentationStyle = `
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 3rem; border-bottom: 1px solid #8885 } h2 code { font-size: 1.1rem }
code, pre { font-family: ui-monospace, monospace; font-size: .9em }
pre { background: #8881; padding: .8rem; overflow-x: auto }
ul { padding-left: 1.2rem } li { margin: .15rem 0 } .quiet { opacity: .7 }
`;

/** The page for a document. */
export function documentationPage(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => operationSection(method, path, operation)),
  );
  const schemas = Object.entries(document.components?.schemas ?? {}).map(
    ([name, schema]) => `<h2 id="schema-${escapeHtml(name)}">${escapeHtml(name)}</h2>${schemaHtml(schema)}`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(document.info.title)} API</title><style>${documentationStyle}</style></head><body>
<h1>${escapeHtml(document.info.title)} API</h1>
<p>${prose(document.info.description ?? '')} The same as a machine reads it: <a href="/openapi.json">/openapi.json</a>.</p>
${operations.join('\n')}
<h1>Schemas</h1>
${schemas.join('\n')}
<h1>Problems</h1>
<p>Errors are <code>application/problem+json</code> (RFC 9457) with <code>type</code>, <code>title</code>, <code>status</code>,
<code>detail</code>, <code>requestId</code> and, where fields are wrong, <code>errors</code> with <code>path</code> and
<code>message</code>.</p>
<ul>${Object.entries(problemTypes)
    .map(
      ([name, { status, title }]) =>
        `<li><code>${problemTypeUri(name as keyof typeof problemTypes)}</code> (${status}): ${escapeHtml(title)}</li>`,
    )
    .join('')}</ul>
</body></html>`;
}

function operationSection(method: string, path: string, operation: Operation): string {
  const parameters = (operation.parameters ?? []).map(
    ({ name, in: place, required, description = '' }) =>
      `<li><code>${escapeHtml(name)}</code> <span class="quiet">${escapeHtml(place)}${required ? ', required' : ''}</span> ${prose(description)}</li>`,
  );
  const responses = Object.entries(operation.responses).map(
    ([status, response]) => `<li><b>${escapeHtml(status)}</b> ${prose(response.description)}${bodyHtml(response)}</li>`,
  );
  return `<h2><code>${method.toUpperCase()} ${escapeHtml(path)}</code></h2>
<p>${prose(operation.summary ?? '')}</p>${operation.description ? `<p>${prose(operation.description)}</p>` : ''}
${parameters.length > 0 ? `<h3>Parameters</h3><ul>${parameters.join('')}</ul>` : ''}
${operation.requestBody ? `<h3>Body</h3>${bodyHtml(operation.requestBody)}` : ''}
<h3>Answers</h3><ul>${responses.join('')}</ul>`;
}

function bodyHtml({ content }: Content): string {
  return Object.entries(content ?? {})
    .map(
      ([type, { schema, example }]) =>
        ` <span class="quiet">${escapeHtml(type)}</span> ${schema ? schemaHtml(schema) : ''}${
          example === undefined ? '' : `<pre>${escapeHtml(JSON.stringify(example, null, 2))}</pre>`
        }`,
    )
    .join('');
}

function schemaHtml(schema: Schema): string {
  const properties = Object.entries(schema.properties ?? {}).map(
    ([name, property]) =>
      `<li><code>${escapeHtml(name)}</code>${schema.required?.includes(name) ? '' : ' <span class="quiet">optional</span>'} ${schemaHtml(property)}</li>`,
  );
  const alternatives = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  return `<span class="quiet">${typeName(schema)}</span> ${prose(schema.description ?? '')}${
    properties.length > 0 ? `<ul>${properties.join('')}</ul>` : ''
  }${schema.items && !schema.items.$ref ? schemaHtml(schema.items) : ''}${
    alternatives.length > 0 ? `<ul>${alternatives.map((one) => `<li>${schemaHtml(one)}</li>`).join('')}</ul>` : ''
  }`;
}

function typeName(schema: Schema): string {
  if (schema.$ref) {
    const name = escapeHtml(schema.$ref.split('/').at(-1) ?? '');
    return `<a href="#schema-${name}">${name}</a>`;
  }
  if (schema.const !== undefined) return escapeHtml(JSON.stringify(schema.const));
  if (schema.enum) return escapeHtml(schema.enum.map((value) => JSON.stringify(value)).join(' | '));
  if (schema.type === 'array') return `list of ${schema.items ? typeName(schema.items) : 'anything'}`;
  if (schema.anyOf || schema.oneOf) return 'one of';
  return escapeHtml([schema.type ?? ''].flat().join(' or '));
}

/** Text with `code` spans. */
function prose(text: string): string {
  return escapeHtml(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
