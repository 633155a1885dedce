import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { ApiEnv } from './context.ts';
import { Problem } from './problem.ts';

/** Pages of the browser apps: path → built file. Every path below an app is the app's own. */
const pages: Readonly<Record<string, string>> = {
  '/': 'ui/sign-in/index.html',
  '/brand': 'brand-dashboards/index.html',
  '/brand/*': 'brand-dashboards/index.html',
  '/control-tower': 'control-tower/index.html',
  '/control-tower/*': 'control-tower/index.html',
};

/** What a page of ours may load and do: our own files only. Components of the kit set styles at run time. */
export const pagePolicy = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
  fontSrc: ["'self'"],
  connectSrc: ["'self'"],
  frameAncestors: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
};

export function isDashboardPage(path: string): boolean {
  return /^\/($|assets\/|(brand|control-tower)($|\/))/.test(path);
}

/**
 * Serves the built dashboards from `directory`, null when there is none (see vite.config.ts). Files carry a digest in their name and never change; pages
 * are asked for every time.
 */
export function addDashboards(app: OpenAPIHono<ApiEnv>, directory: string | null): void {
  for (const [path, file] of Object.entries(pages)) {
    app.get(path, async (c) => {
      const page = directory === null ? null : join(directory, file);
      if (page === null || !existsSync(page)) return notBuilt();
      c.header('cache-control', 'no-cache');
      return c.html(await readFile(page, 'utf8'));
    });
  }
  const files =
    directory === null
      ? notBuilt
      : serveStatic({
          root: directory,
          onFound: (_path, c) => c.header('cache-control', 'public, max-age=31536000, immutable'),
        });
  app.get('/assets/*', files);
}

function notBuilt(): never {
  throw new Problem('unavailable', 'The dashboards are not built: run `npm run build`.');
}
