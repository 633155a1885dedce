import { timingSafeEqual } from 'node:crypto';
import { type ServerType, serve } from '@hono/node-server';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { streamText } from 'hono/streaming';
import type { Lsn } from '../cdc/change-source.ts';
import { formatLsn, parseLsn } from '../cdc/lsn.ts';
import { checkSuffix } from './clone.ts';
import type { ReplayResult } from './dead-letter-replay.ts';
import { ControlConflict } from './stream-control.ts';

/** What the stream lets others do, over loopback. */
export interface Controllable {
  hold(): Promise<Lsn>;
  release(): void;
  clone(at: Lsn, suffix: string): Promise<void>;
  rebuild(model: string | undefined, onProgress: (event: object) => void): Promise<void>;
  replay(id: string | undefined): Promise<ReplayResult>;
  status(): object;
  /** What waits and what differs, by key; of a stream that is watched. */
  findings?(): Promise<object>;
}

export interface ControlServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the control API on 127.0.0.1; every request needs `Authorization: Bearer <token>`. */
export async function startControlServer(stream: Controllable, token: string, port = 0): Promise<ControlServer> {
  const app = controlApp(stream, token);
  const { server, actual } = await new Promise<{ server: ServerType; actual: number }>((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port }, (info) =>
      resolve({ server, actual: info.port }),
    );
    server.once('error', reject);
  });
  return {
    url: `http://127.0.0.1:${actual}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}

/** The routes alone, for tests that need no port. */
export function controlApp(stream: Controllable, token: string): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    if (!sameSecret(c.req.header('authorization') ?? '', `Bearer ${token}`)) throw new HTTPException(401);
    await next();
  });
  app.onError((error, c) => {
    if (error instanceof HTTPException) return c.json({ error: error.message || 'refused' }, error.status);
    if (error instanceof ControlConflict) return c.json({ error: error.message }, 409);
    if (error instanceof RangeError || error instanceof SyntaxError) return c.json({ error: error.message }, 400);
    return c.json({ error: error.message }, 503);
  });

  app.get('/status', (c) => c.json(stream.status()));

  app.get('/findings', async (c) => c.json((await stream.findings?.()) ?? {}));

  app.post('/hold', async (c) => c.json({ position: formatLsn(await stream.hold()) }));

  app.post('/release', (c) => {
    stream.release();
    return c.json({});
  });

  app.post('/clone', async (c) => {
    const { at, suffix } = await c.req.json<{ at?: unknown; suffix?: unknown }>();
    if (typeof at !== 'string' || !/^[0-9A-Fa-f]{1,8}\/[0-9A-Fa-f]{1,8}$/.test(at))
      throw new RangeError('at must be X/Y');
    if (typeof suffix !== 'string') throw new RangeError('suffix is missing');
    checkSuffix(suffix);
    await stream.clone(parseLsn(at), suffix);
    return c.json({ raw: `raw_${suffix}`, facts: `facts_${suffix}`, marts: `marts_${suffix}` });
  });

  app.post('/dead-letters/replay', async (c) => {
    const { id } = await c.req.json<{ id?: string }>().catch(() => ({ id: undefined }));
    return c.json(await stream.replay(id));
  });

  // One JSON object per line; the last one is {"done": true} or {"error": "…"}.
  app.post('/rebuild', async (c) => {
    const { model } = await c.req.json<{ model?: string }>().catch(() => ({ model: undefined }));
    c.header('content-type', 'application/x-ndjson');
    return streamText(c, async (out) => {
      const line = (event: object) => out.write(`${JSON.stringify(event)}\n`);
      try {
        await stream.rebuild(model, line);
        await line({ done: true });
      } catch (error) {
        await line({ error: error instanceof Error ? error.message : String(error) });
      }
    });
  });
  return app;
}

function sameSecret(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
