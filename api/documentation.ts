import { createHash } from 'node:crypto';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { ApiEnv } from './context.ts';
import { documentationPage, documentationStyle, type OpenApiDocument } from './documentation-page.ts';

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
  let document: ReturnType<typeof app.getOpenAPI31Document> | undefined;
  const theDocument = () => {
    document ??= app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: {
        title: 'Unified Commerce OS',
        version: '1',
        description: 'Exact, isolated and sub-second-fresh KPIs of many brands.',
        license: { name: 'Apache-2.0' },
      },
    });
    return document;
  };
  app.get('/openapi.json', (c) => c.json(theDocument()));
  app.get('/docs', (c) => c.html(documentationPage(theDocument() as unknown as OpenApiDocument)));
}
