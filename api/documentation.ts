import { createHash } from 'node:crypto';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { ApiEnv } from './context.ts';
import { documentationPage, documentationStyle, type OpenApiDocument } from './documentation-page.ts';
import { problemTypes } from './problem.ts';

/** For the content security policy: the page's own style sheet is the only one a browser may apply. */
export const documentationStyleHash = `'sha256-${createHash('sha256').update(documentationStyle).digest('base64')}'`;

/** The OpenAPI 3.1 document of everything registered so far, at /openapi.json, and the same to read at /docs. */
export function addDocumentation(app: OpenAPIHono<ApiEnv>): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'An access token; `uco token --role ROLE [--tenant SLUG]` prints one.',
  });
  const tooMany = { description: problemTypes['too-many-requests'].title, content: problemContent };
  let document: ReturnType<typeof app.getOpenAPI31Document> | undefined;
  const theDocument = () => {
    if (document !== undefined) return document;
    document = app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: {
        title: 'Unified Commerce OS',
        version: '1',
        description: 'Exact, isolated and sub-second-fresh KPIs of many brands.',
        license: { name: 'Apache-2.0' },
      },
    });
    for (const [path, operations] of Object.entries(document.paths ?? {})) {
      for (const [method, operation] of Object.entries(operations)) {
        operation.operationId ??= operationId(method, path);
        // Whoever is known may have asked too often: see rate-limit.ts.
        if (operation.security?.length) Object.assign(operation.responses, { 429: tooMany, ...operation.responses });
      }
    }
    return document;
  };
  app.get('/openapi.json', (c) => c.json(theDocument()));
  app.get('/docs', (c) => c.html(documentationPage(theDocument() as unknown as OpenApiDocument)));
}

const problemContent = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };

/** What generated clients call an operation that was given no name: `post /api/v1/orders/{id}/ship` → `postOrdersByIdShip`. */
function operationId(method: string, path: string): string {
  const words =
    path
      .replace(/^\/api\/v1/, '')
      .replaceAll(/\{(\w+)\}/g, 'by-$1')
      .match(/[A-Za-z0-9]+/g) ?? [];
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}
