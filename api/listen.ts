import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { type ApiDependencies, createApi } from './server.ts';
import { answerUnreadable } from './unreadable.ts';

export interface ListenOptions {
  /** 0 takes a free port. */
  readonly port: number;
  readonly host: string;
}

export interface RunningApi {
  readonly url: string;
  readonly port: number;
  /** Takes no more requests, lets running ones finish for `graceMs` (default 3,000), then cuts them. */
  close(graceMs?: number): Promise<void>;
}

/** Listens; engines need not be up yet (readiness says so). Rejects when the address can't be had (`EADDRINUSE` and the like). */
export async function startApi(options: ListenOptions & ApiDependencies): Promise<RunningApi> {
  const closing = new AbortController();
  const app = createApi({ ...options, closing: closing.signal });
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: { requestTimeout: 15_000, headersTimeout: 10_000, keepAliveTimeout: 5_000, maxHeaderSize: 16_384 },
  }) as Server;
  answerUnreadable(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => resolve(server.off('error', reject) && undefined));
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  const close = (graceMs = 3_000) => {
    closing.abort();
    return closeServer(server, graceMs);
  };
  return { url: `http://${host}:${port}`, port, close };
}

async function closeServer(server: Server, graceMs: number): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  // A connection whose last answer is done meanwhile would wait for its keep-alive to run out.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearInterval(idle);
  clearTimeout(cut);
}
