import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { conformityTo } from './conformity.ts';
import { KnownValues } from './known-values.ts';
import { operationsOf, resolver } from './operations.ts';
import { requestTo } from './requests.ts';
import { fuzzSize, replay, startWorld, type World } from './testing.ts';

const size = fuzzSize(5_000);
/** Requests per endpoint in a row; then the next one, so that endpoints feed each other with ids. */
const STRIDE = 10;

let world: World;

beforeAll(async () => {
  world = await startWorld();
}, 120_000);

afterAll(() => world?.stop());

// Red when a handler lets a database error or an unexpected type through, or answers something else than it documents.
it(`whatever is sent to any endpoint: no 5xx, every 4xx a problem, every 2xx as documented (${replay('verify/fuzz/fuzz.db.test.ts', size)})`, async () => {
  const { document, brands } = world;
  const conforms = conformityTo(document);
  const options = { resolve: resolver(document) };
  const known = new KnownValues();
  known.add('x-tenant-id', brands.a.tenantId);
  const tokens = [await world.token('brand_admin', brands.a.tenantId), await world.token('platform_admin')];
  const counts = { sent: 0, accepted: 0, figuresStreamed: 0 };
  const operations = operationsOf(document).filter(({ path }) => path !== '/metrics');
  const rounds = Math.ceil(size.requests / (operations.length * STRIDE));
  for (let round = 0; round < rounds; round++) {
    for (const [index, operation] of operations.entries()) {
      const requests = requestTo(operation, { ...options, known: known.for(operation) });
      const property = fc.asyncProperty(requests, fc.integer({ min: 0, max: 9 }), async (request, who) => {
        const asPlatform = who === 0;
        const headers = {
          ...request.headers,
          authorization: `Bearer ${asPlatform ? tokens[1] : tokens[0]}`,
          ...(asPlatform ? { 'x-tenant-id': brands.a.tenantId } : {}),
        };
        const answer = await world.send({ method: operation.method, url: request.url, headers, body: request.body });
        counts.sent++;
        if (answer.status < 300) {
          counts.accepted++;
          if (answer.text.includes('event: figures')) counts.figuresStreamed++;
          if ((answer.headers.get('content-type') ?? '').includes('json')) {
            known.learn(operation.path, JSON.parse(answer.text));
          }
        }
        const wrong = conforms(operation, answer);
        if (wrong !== null) {
          throw new Error(
            `${operation.method} ${request.url} ${JSON.stringify(request.headers)}\n${request.body}\n${wrong}`,
          );
        }
      });
      await fc.assert(property, { numRuns: STRIDE, seed: size.seed + round * 1_000 + index, endOnFailure: true });
    }
  }
  expect(counts.sent).toBeGreaterThanOrEqual(Math.min(size.requests, 5_000));
  // A fuzzer that is only ever refused has tested the refusals.
  expect(counts.accepted / counts.sent).toBeGreaterThan(0.05);
  expect(counts.figuresStreamed).toBeGreaterThan(0);
}, 600_000);
