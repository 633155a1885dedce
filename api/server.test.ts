import { once } from 'node:events';
import { connect } from 'node:net';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../runtime/log.ts';
import { mintToken } from './auth/token.ts';
import { type RunningApi, startApi } from './listen.ts';

const secret = 'a signing key of more than 32 bytes here';
let api: RunningApi;
let reasons: string[] = [];
beforeAll(async () => {
  const log = createLog('t', 'silent');
  const readiness = () => ({ reasons, details: { drift: 0 } });
  api = await startApi({ port: 0, host: '127.0.0.1', secret, log, readiness, reader: () => null });
});
afterAll(() => api?.close());

async function post(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) {
  const token = await mintToken({ role: 'executive', secret });
  return fetch(`${api.url}/api/v1/kpis/query`, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
  });
}

async function problem(response: Response, status: number) {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const document = (await response.json()) as {
    type: string;
    detail: string;
    requestId: string;
    errors?: { path: string; message: string }[];
  };
  expect(document).toMatchObject({
    type: expect.stringMatching(/^urn:uco:problem:/),
    status,
    title: expect.any(String),
  });
  expect(document.requestId).toBe(response.headers.get('x-request-id'));
  return document;
}

describe('the server', () => {
  it('is alive before it is ready, and says why it is not', async () => {
    reasons = ['ClickHouse is starting'];
    expect((await fetch(`${api.url}/healthz`)).status).toBe(200);
    const starting = await fetch(`${api.url}/readyz`);
    expect(starting.status).toBe(503);
    expect(await starting.json()).toEqual({ status: 'not ready', reasons, details: { drift: 0 } });
    reasons = [];
    expect((await fetch(`${api.url}/readyz`)).status).toBe(200);
    await problem(await post('{"measures":["backlog"]}'), 503);
  });

  it('describes itself for machines and people without assets from elsewhere', async () => {
    const document = (await (await fetch(`${api.url}/openapi.json`)).json()) as {
      openapi: string;
      paths: object;
      components: { schemas: Record<string, unknown> };
    };
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(['/api/v1/kpis', '/api/v1/kpis/query', '/api/v1/kpis/explain']),
    );
    expect(JSON.stringify(document.components.schemas.KpiQuery)).toContain('return_rate_units_cohort');
    const page = await fetch(`${api.url}/docs`);
    const html = await page.text();
    expect(html).toContain('/api/v1/kpis/query');
    expect(html).not.toMatch(/<script|src=|https?:\/\//);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('lets no browser of another origin in', async () => {
    const response = await fetch(`${api.url}/healthz`, { headers: { origin: 'https://elsewhere.example' } });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    await problem(await fetch(`${api.url}/api/v1/kpis/query`, { method: 'OPTIONS' }), 405);
  });

  it('answers what does not exist with problems', async () => {
    await problem(await fetch(`${api.url}/api/v1/nothing`), 404);
    const wrong = await fetch(`${api.url}/api/v1/kpis/query`);
    expect(wrong.headers.get('allow')).toBe('POST');
    await problem(wrong, 405);
    await problem(await post('{}', { 'content-type': 'text/plain' }), 415);
    await problem(await fetch(`${api.url}/%00`), 404);
  });

  it('asks for a token', async () => {
    const response = await fetch(`${api.url}/api/v1/kpis`);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    await problem(response, 401);
  });

  // Mutation: JSON.parse's own message, or a body read without a limit.
  // Red when the path is that of the object a field is not in.
  it('names fields that are missing or unknown', async () => {
    const body = { timeRange: { from: '2024-01-01', to: '2024-02-01', until: 1 }, bogus: 1 };
    const { errors = [] } = await problem(await post(JSON.stringify(body)), 400);
    expect(errors).toEqual(
      expect.arrayContaining([
        { path: 'measures', message: 'is required' },
        { path: 'bogus', message: 'there is no such field' },
      ]),
    );
  });

  it('answers what is not even a request, or too long, with a problem document', async () => {
    const told = async (text: string) => {
      const socket = connect(api.port, '127.0.0.1');
      socket.write(text);
      let answer = '';
      for await (const chunk of socket) answer += String(chunk);
      const [head = '', document = ''] = answer.split('\r\n\r\n');
      expect(head).toContain('content-type: application/problem+json');
      return JSON.parse(document) as { type: string; status: number; requestId: string };
    };
    expect(await told('what is this?\r\n\r\n')).toMatchObject({
      type: 'urn:uco:problem:malformed-request',
      status: 400,
    });
    const long = `GET /healthz?${'x'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`;
    expect(await told(long)).toMatchObject({ type: 'urn:uco:problem:headers-too-large', status: 431 });
  });

  it('names the place in a body that can not be read', async () => {
    expect((await problem(await post('{\n "measures": [,]}'), 400)).detail).toContain('line 2, column 15');
    expect((await problem(await post('{"measures": ['), 400)).detail).toContain('ends too early');
    await problem(await post(''), 400);
    await problem(await post(new Uint8Array([0x7b, 0xff, 0x7d])), 400);
    await problem(await post('['.repeat(100_000) + ']'.repeat(100_000)), 400);
    expect((await problem(await post('{"measures":["a\\u0000b"]}'), 400)).errors?.[0]?.path).toBe('measures[0]');
    expect((await problem(await post('{"\\u0000":1}'), 400)).errors?.[0]?.message).toMatch(/NUL/);
    await problem(await post('{"timezone":"\\ud800"}'), 400);
    await problem(await post(JSON.stringify({ x: 'y'.repeat(1_100_000) })), 413);
  });

  it('limits a body that does not say how long it is', async () => {
    const chunk = `${'x'.repeat(65_536)}`;
    const token = await mintToken({ role: 'executive', secret });
    const head = `POST /api/v1/kpis/query HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`;
    const status = await new Promise<string>((resolve, reject) => {
      const socket = connect(api.port, '127.0.0.1', () => {
        socket.write(head);
        for (let i = 0; i < 20; i++) socket.write(`10000\r\n${chunk}\r\n`);
      });
      socket.once('data', (data) => resolve(data.toString().slice(0, 12)));
      socket.once('error', reject);
    });
    expect(status).toBe('HTTP/1.1 413');
  });

  it.each(['destroy', 'resetAndDestroy'] as const)(
    'does not take for a failure of ours that a client leaves in the middle of its body (%s)',
    async (leave) => {
      const lines: { level: number; status?: string }[] = [];
      const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
      const readiness = () => ({ reasons: [] });
      const own = await startApi({ port: 0, host: '127.0.0.1', secret, log, readiness, reader: () => null });
      const token = await mintToken({ role: 'executive', secret });
      const socket = connect(own.port, '127.0.0.1', () =>
        socket.write(
          `POST /api/v1/kpis/query HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n` +
            'content-type: application/json\r\ncontent-length: 100\r\nexpect: 100-continue\r\n\r\n{"measures":',
        ),
      );
      // The server has the head when it says that the body may come.
      await once(socket, 'data');
      socket[leave]();
      while (lines.length === 0) await new Promise((later) => setTimeout(later, 5));
      await own.close();
      expect(lines.map(({ level, status }) => [level, status])).toEqual([[30, '499']]);
    },
  );

  it('keeps a request id that is one, and replaces what is not', async () => {
    const own = await fetch(`${api.url}/healthz`, { headers: { 'x-request-id': 'trace-12345' } });
    expect(own.headers.get('x-request-id')).toBe('trace-12345');
    const bad = await fetch(`${api.url}/healthz`, { headers: { 'x-request-id': '<script>' } });
    expect(bad.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('says which address it can not have', async () => {
    const log = createLog('t', 'silent');
    const again = startApi({
      port: api.port,
      host: '127.0.0.1',
      secret,
      log,
      readiness: () => ({ reasons }),
      reader: () => null,
    });
    await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
