// Two ways of using the API from code: a client generated from the OpenAPI document, and ours, inferred from the routes.
import { OpenAPIClientAxios, type OpenAPIV3_1 } from 'openapi-client-axios';
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { createLog } from '../runtime/log.ts';
import { createClient } from './client.ts';
import { COMMERCE_TEST_SECRET, type CommerceTest, startCommerceTest, tokenOf } from './commerce/testing.ts';
import { type RunningApi, startApi } from './listen.ts';

let t: CommerceTest;
let api: RunningApi;
let token: string;

beforeAll(async () => {
  t = await startCommerceTest();
  token = await tokenOf({}, t);
  api = await startApi({
    host: '127.0.0.1',
    port: 0,
    secret: COMMERCE_TEST_SECRET,
    reader: () => null,
    commerce: () => t.database,
    readiness: () => ({ reasons: [] }),
    log: createLog('api', 'silent'),
  });
});
afterAll(async () => {
  await api?.close();
  await t?.stop();
});

type Operation = OpenAPIV3_1.OperationObject & { readonly security?: readonly object[] };

async function openApiDocument(): Promise<OpenAPIV3_1.Document> {
  return (await (await fetch(`${api.url}/openapi.json`)).json()) as OpenAPIV3_1.Document;
}

function operationsOf(document: OpenAPIV3_1.Document) {
  return Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods ?? {}).map(([method, operation]) => ({
      name: `${method} ${path}`,
      operation: operation as Operation,
    })),
  );
}

describe('the OpenAPI document', () => {
  test('is complete: every operation is named, told, secured and answers with schemas and problems', async () => {
    const document = await openApiDocument();
    const operations = operationsOf(document);
    expect(operations.length).toBeGreaterThan(30);
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(ids.filter((id, n) => id === undefined || ids.indexOf(id) !== n)).toEqual([]);
    const gaps = operations.flatMap(({ name, operation }) => {
      const responses = Object.entries(operation.responses ?? {}) as [string, OpenAPIV3_1.ResponseObject][];
      const good = responses.filter(([status]) => /^2/.test(status));
      const isPublic = operation.security === undefined || operation.security.length === 0;
      return [
        !operation.summary && `${name}: no summary`,
        good.length === 0 && `${name}: no 2xx`,
        good.some(
          ([status, { content = {} }]) => status !== '204' && Object.values(content).some(({ schema }) => !schema),
        ) && `${name}: a 2xx without a schema`,
        good.some(([status, { content }]) => status !== '204' && !content) && `${name}: a 2xx without content`,
        !isPublic && !['401', '403', '429'].every((status) => operation.responses?.[status]) && `${name}: no problems`,
        responses.some(
          ([status, { content = {} }]) => /^[45]/.test(status) && !content['application/problem+json']?.schema,
        ) &&
          !name.includes('/readyz') &&
          `${name}: an error that is no problem document`,
        name.includes('/api/v1/') && isPublic && !name.includes('/auth/') && `${name}: no security`,
      ].filter((gap) => gap !== false);
    });
    expect(gaps).toEqual([]);
  });

  test('refers to nothing that is not there', async () => {
    const document = await openApiDocument();
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map((match) => match[1] ?? '');
    const resolve = (path: string) =>
      path.split('/').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document);
    expect(references.length).toBeGreaterThan(20);
    expect(references.filter((path) => resolve(path) === undefined)).toEqual([]);
  });
});

// Red when an operation lacks its id, a parameter its place, or the server what the document promises.
test('a client generated from the document makes a round trip: product, variant, price, customer', async () => {
  const generator = new OpenAPIClientAxios({
    definition: `${api.url}/openapi.json`,
    withServer: { url: api.url },
    axiosConfigDefaults: { headers: { authorization: `Bearer ${token}` } },
  });
  const client = await generator.init();
  const call = async (operation: string, parameters?: object | null, body?: unknown) => {
    const send = client[operation];
    if (send === undefined) throw new Error(`the client has no ${operation}`);
    return (await send(parameters as never, body)).data;
  };
  const product = await call('createProduct', null, { name: 'Teapot', category: 'Generated' });
  const variant = await call('createVariant', null, { productId: product.id, sku: 'GEN-1' });
  await call('createPrice', { id: variant.id }, { currency: 'EUR', amount: '12.5' });
  await call('createPrice', { id: variant.id }, { currency: 'EUR', amount: '10', kind: 'promotion' });
  const price = await call('getApplicablePrice', { id: variant.id, quantity: 4 });
  expect(price).toMatchObject({ unitPrice: '12.5000', discount: '10.0000' });
  const customer = await call('createCustomer', null, { customerNumber: 'GEN-1', country: 'GB' });
  expect(await call('getCustomer', customer.id)).toMatchObject({ customerNumber: 'GEN-1', contacts: [] });
  expect((await call('listProducts', { category: 'Generated' })).items).toMatchObject([{ id: product.id }]);
  await expect(call('getProduct', customer.id)).rejects.toMatchObject({ response: { status: 404 } });
});

test('our own client is inferred from the routes, and makes the same round trip', async () => {
  const client = createClient(api.url, { token });
  const header = {};
  const created = await client.products.$post({
    header,
    json: { name: 'Cup', variants: [{ sku: 'OWN-1', prices: [{ currency: 'EUR', amount: 4 }] }] },
  });
  expect(created.status).toBe(201);
  const product = await created.json();
  expectTypeOf(product.variants[0]?.prices[0]?.amount).toEqualTypeOf<string | undefined>();
  expectTypeOf(product.status).toEqualTypeOf<'active' | 'archived'>();
  const id = product.variants[0]?.id ?? '';
  const price = await client.pricesOfVariant.price.$get({ header, param: { id }, query: { quantity: '3' } });
  expect(await price.json()).toMatchObject({ unitPrice: '4.0000', reason: expect.stringContaining('4.0000 EUR') });
  const read = await client.products[':id'].$get({ header, param: { id: product.id } });
  const changed = await client.products[':id'].$patch({
    header: { 'if-match': read.headers.get('etag') ?? '' },
    param: { id: product.id },
    json: { taxRate: '0.19' },
  });
  expect((await changed.json()).taxRate).toBe('0.190000');
  const customer = await client.customers.$post({ header, json: { customerNumber: 'OWN-1' } });
  expectTypeOf(await customer.json()).toHaveProperty('customerNumber');
  // @ts-expect-error a product needs a name
  const nameless = await client.products.$post({ header, json: { category: 'x' } });
  // @ts-expect-error there is no such status
  const lost = await client.products.$get({ header, query: { status: 'lost' } });
  expect([nameless.status, lost.status]).toEqual([400, 400]);
});
