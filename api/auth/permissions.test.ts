import { OpenAPIHono } from '@hono/zod-openapi';
import { expect, it } from 'vitest';
import { createLog } from '../../runtime/log.ts';
import { createApi } from '../server.ts';
import { endpointPermissions, permissionGaps } from './permissions.ts';

const deps = {
  secret: 'x'.repeat(32),
  reader: () => null,
  readiness: () => ({ reasons: [] }),
  log: createLog('t', 'silent'),
};

it('has an entry for every endpoint, and none besides', () => {
  expect(permissionGaps(createApi(deps).routes)).toEqual([]);
  expect(Object.values(endpointPermissions).filter((permission) => permission !== 'public').length).toBeGreaterThan(2);
});

// Mutation: permissionGaps that looks at the table only.
it('sees an endpoint that is missing from the table, however it was registered', () => {
  const app = new OpenAPIHono();
  app.get('/api/v1/secret', (c) => c.text('x'));
  app.delete('/api/v1/kpis', (c) => c.text('x'));
  expect(permissionGaps(app.routes, {})).toEqual([
    'GET /api/v1/secret has no permission',
    'DELETE /api/v1/kpis has no permission',
  ]);
});

it('admits nobody to an endpoint that got in without an entry', async () => {
  const app = createApi(deps);
  app.get('/api/v1/late', (c) => c.text('secret'));
  const response = await app.request('/api/v1/late');
  expect(response.status).toBe(403);
});
