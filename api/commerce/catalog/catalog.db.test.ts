import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CommerceTest, startCommerceTest } from '../testing.ts';

let t: CommerceTest;

beforeAll(async () => {
  t = await startCommerceTest();
});
afterAll(() => t?.stop());

let names = 0;
/** A name or SKU that no other test uses. */
const fresh = (what = 'X') => `${what}-${++names}`;
const variant = (more = {}) => ({ sku: fresh('SKU'), ...more });

async function newVariant(more = {}): Promise<string> {
  const { body } = await t.must('POST', '/products', { body: { name: fresh(), variants: [variant(more)] } });
  return body.variants[0].id;
}

describe('a product', () => {
  test('comes with its variants and prices in one call, and is shown as it was created', async () => {
    const [sku, category] = [fresh('SKU'), fresh('Teaware')];
    const created = await t.call('POST', '/products', {
      body: {
        name: '  Teapot ',
        category,
        taxRate: '0.19',
        attributes: { colour: 'blue', sizes: [1, 2] },
        variants: [
          {
            sku,
            unitCost: 2.5,
            costCurrency: 'GBP',
            reorderPoint: 3,
            prices: [
              { currency: 'EUR', amount: '12.5' },
              { currency: 'EUR', amount: 11, minQuantity: 10, validFrom: '2024-01-31T01:00:00.000001+01:00' },
            ],
          },
        ],
      },
    });
    expect([created.status, created.headers.get('location')]).toEqual([201, `/api/v1/products/${created.body.id}`]);
    expect(created.body).toMatchObject({
      name: 'Teapot',
      category,
      status: 'active',
      taxRate: '0.190000',
      attributes: { colour: 'blue', sizes: [1, 2] },
      variants: [
        {
          sku,
          unitCost: '2.5000',
          costCurrency: 'GBP',
          reorderPoint: 3,
          prices: [
            { kind: 'list', minQuantity: 1, amount: '12.5000', validFrom: null },
            { minQuantity: 10, amount: '11.0000', validFrom: '2024-01-31T00:00:00.000001Z', validUntil: null },
          ],
        },
      ],
    });
    const got = await t.call('GET', `/products/${created.body.id}`);
    expect([got.body, got.etag]).toEqual([created.body, created.etag]);
    const categories = await t.call('GET', `/categories?q=${category}`);
    expect(categories.body.items).toMatchObject([{ name: category, status: 'active' }]);
  });

  test('is refused as a whole when a variant or price is, naming the place', async () => {
    const taken = fresh('SKU');
    await t.must('POST', '/products', { body: { name: 'First', variants: [variant({ sku: taken })] } });
    const name = fresh();
    const again = await t.call('POST', '/products', { body: { name, variants: [variant(), variant({ sku: taken })] } });
    expect([again.status, again.body.errors]).toEqual([
      409,
      [{ path: 'variants[1].sku', message: 'is taken by another variant' }],
    ]);
    const prices = [
      { currency: 'EUR', amount: 1 },
      { currency: 'EUR', amount: 2, validFrom: '2024-01-01T00:00:00Z' },
    ];
    const overlap = await t.call('POST', '/products', { body: { name, variants: [variant({ prices })] } });
    expect([overlap.status, overlap.body.errors[0].path]).toEqual([409, 'variants[0].validFrom']);
    expect((await t.call('GET', `/products?q=${name}`)).body.items).toEqual([]);
  });

  test('changes under If-Match only: 428 without, 412 when stale, and nothing is changed then', async () => {
    const { body, etag } = await t.must('POST', '/products', { body: { name: fresh() } });
    const patch = (changes: object, headers = {}) =>
      t.call('PATCH', `/products/${body.id}`, { body: changes, headers });
    expect((await patch({ name: 'A' })).status).toBe(428);
    const first = await patch({ name: 'A', category: fresh() }, { 'if-match': etag });
    expect([first.status, first.body.name]).toEqual([200, 'A']);
    const stale = await patch({ name: 'B' }, { 'if-match': etag });
    expect([stale.status, stale.body.type]).toEqual([412, 'urn:uco:problem:precondition-failed']);
    expect((await t.call('GET', `/products/${body.id}`)).body).toEqual(first.body);
    expect((await patch({ category: null }, { 'if-match': first.etag })).body.category).toBeNull();
  });

  // Red when the row is not locked before its tag is compared.
  test('of ten changes at once to one version exactly one succeeds', async () => {
    const { body } = await t.must('POST', '/products', { body: { name: fresh() } });
    const ten = <T>(one: (n: number) => Promise<T>) => Promise.all(Array.from({ length: 10 }, (_, n) => one(n)));
    for (let round = 0; round < 5; round++) {
      // At once, so that as many connections are open.
      const [read] = await ten(() => t.must('GET', `/products/${body.id}`));
      const headers = { 'if-match': read?.etag ?? '' };
      const answers = await ten((n) =>
        t.call('PATCH', `/products/${body.id}`, { body: { name: `N${round}-${n}` }, headers }),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(412)]);
    }
  });

  test('is archived with its variants, and comes back by a change', async () => {
    const { body } = await t.must('POST', '/products', { body: { name: fresh(), variants: [variant()] } });
    const archived = await t.must('POST', `/products/${body.id}/archive`);
    expect([archived.body.status, archived.body.variants[0].status]).toEqual(['archived', 'archived']);
    const again = await t.must('POST', `/products/${body.id}/archive`);
    expect(again.body).toMatchObject({ status: 'archived' });
    const headers = { 'if-match': again.etag };
    const back = await t.must('PATCH', `/products/${body.id}`, { body: { status: 'active' }, headers });
    expect(back.body.status).toBe('active');
  });

  test('is audited with who did it', async () => {
    const subject = randomUUID();
    const { body } = await t.must('POST', '/products', {
      body: { name: fresh() },
      as: { subject, role: 'brand_manager' },
    });
    const { rows } = await t.admin.query('SELECT actor_id, action FROM commerce.audit_logs WHERE resource_id = $1', [
      body.id,
    ]);
    expect(rows).toEqual([{ actor_id: subject, action: 'CREATE' }]);
  });
});

describe('lists', () => {
  test('filter by status, category and the beginning of name or SKU, case aside', async () => {
    const [mark, category] = [fresh('100%_Ünïq'), fresh('Cat')];
    const make = async (name: string, more = {}) =>
      (await t.must('POST', '/products', { body: { name, ...more } })).body;
    const named = await make(`${mark} one`, { category });
    const skued = await make(fresh(), { variants: [variant({ sku: `${mark.toLowerCase()}-sku` })] });
    await make(`not ${mark}`);
    await t.must('POST', `/products/${named.id}/archive`);
    const ids = async (path: string) => (await t.must('GET', path)).body.items.map((item: { id: string }) => item.id);
    const q = encodeURIComponent(mark.toUpperCase());
    expect(await ids(`/products?q=${q}`)).toEqual([skued.id, named.id]);
    expect(await ids(`/products?q=${q}&status=active`)).toEqual([skued.id]);
    expect(await ids(`/products?category=${category}`)).toEqual([named.id]);
    expect(await ids(`/variants?q=${q}`)).toEqual([skued.variants[0].id]);
    expect(await ids(`/variants?productId=${skued.id}&status=archived`)).toEqual([]);
  });

  // Red when pages are cut by offset.
  test('are stable under inserts: every item once, in order, whatever is created meanwhile', async () => {
    const category = fresh('Paged');
    const create = () => t.must('POST', '/products', { body: { name: fresh(), category } });
    const before = [];
    for (let n = 0; n < 7; n++) before.unshift((await create()).body.id);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const at: string = cursor === null ? '' : `&cursor=${cursor}`;
      const page = await t.must('GET', `/products?category=${category}&limit=3${at}`);
      seen.push(...page.body.items.map((item: { id: string }) => item.id));
      cursor = page.body.nextCursor;
      await create();
    } while (cursor !== null);
    expect(seen).toEqual(before);
  });

  test('take no cursor of another brand, list or filter', async () => {
    for (let n = 0; n < 2; n++) await t.must('POST', '/products', { body: { name: fresh(), variants: [variant()] } });
    const { nextCursor } = (await t.must('GET', '/products?limit=1')).body;
    for (const [path, brand] of [
      [`/products?limit=1&cursor=${nextCursor}`, 'borea'],
      [`/variants?limit=1&cursor=${nextCursor}`, 'atlas'],
      [`/products?limit=1&status=active&cursor=${nextCursor}`, 'atlas'],
      [`/products?limit=1&cursor=x${nextCursor}`, 'atlas'],
    ] as const) {
      const { status, body } = await t.call('GET', path, { as: { brand } });
      expect([path, status, body.errors?.[0]?.path]).toEqual([path, 400, 'cursor']);
    }
  });
});

describe('categories', () => {
  test('are created, renamed with their products, archived; names are unique within a brand', async () => {
    const [name, renamed] = [fresh('Cat'), fresh('Cat')];
    const { body, etag } = await t.must('POST', '/categories', { body: { name } });
    expect((await t.call('POST', '/categories', { body: { name } })).body.errors[0].path).toBe('name');
    expect((await t.call('POST', '/categories', { body: { name }, as: { brand: 'borea' } })).status).toBe(201);
    const product = await t.must('POST', '/products', { body: { name: fresh(), category: name } });
    await t.must('PATCH', `/categories/${body.id}`, { body: { name: renamed }, headers: { 'if-match': etag } });
    expect((await t.must('GET', `/products/${product.body.id}`)).body.category).toBe(renamed);
    await t.must('POST', `/categories/${body.id}/archive`);
    const refused = await t.call('POST', '/products', { body: { name: fresh(), category: renamed } });
    expect([refused.status, refused.body.errors]).toEqual([
      409,
      [{ path: 'category', message: 'this category is archived' }],
    ]);
  });
});

describe('prices', () => {
  test('list prices of the same time are refused, also when two come at once; others are not', async () => {
    const id = await newVariant();
    const post = (body: object) => t.call('POST', `/variants/${id}/prices`, { body });
    const both = await Promise.all([post({ currency: 'EUR', amount: 5 }), post({ currency: 'EUR', amount: 6 })]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect((await post({ currency: 'EUR', amount: 4, minQuantity: 5 })).status).toBe(201);
    expect((await post({ currency: 'USD', amount: 4 })).status).toBe(201);
    for (let n = 0; n < 2; n++)
      expect((await post({ currency: 'EUR', amount: 3, kind: 'promotion' })).status).toBe(201);
    expect((await t.must('GET', `/variants/${id}/prices?currency=EUR&kind=promotion`)).body.items).toHaveLength(2);
  });

  test('are ended, followed by another, changed and deleted', async () => {
    const id = await newVariant();
    const old = await t.must('POST', `/variants/${id}/prices`, { body: { currency: 'EUR', amount: '5' } });
    const until = '2024-06-01T00:00:00Z';
    const headers = { 'if-match': old.etag };
    const ended = await t.must('PATCH', `/prices/${old.body.id}`, { body: { validUntil: until }, headers });
    const next = { currency: 'EUR', amount: '6', validFrom: until };
    const { body } = await t.must('POST', `/variants/${id}/prices`, { body: next });
    const overlap = { body: { validUntil: null }, headers: { 'if-match': ended.etag } };
    expect((await t.call('PATCH', `/prices/${old.body.id}`, overlap)).status).toBe(409);
    const reversed = { body: { validFrom: '2024-07-01T00:00:00Z' }, headers: { 'if-match': ended.etag } };
    expect((await t.call('PATCH', `/prices/${old.body.id}`, reversed)).body.errors[0].path).toBe('validUntil');
    expect((await t.call('DELETE', `/prices/${body.id}`)).status).toBe(204);
    expect((await t.call('GET', `/prices/${body.id}`)).status).toBe(404);
    expect((await t.call('DELETE', `/prices/${body.id}`)).status).toBe(404);
  });

  test('the one that applies is told with its reason', async () => {
    const prices = [
      { currency: 'EUR', amount: '10' },
      { currency: 'EUR', amount: '9', minQuantity: 10 },
      {
        currency: 'EUR',
        amount: '8.5',
        kind: 'promotion',
        validFrom: '2024-06-01T00:00:00Z',
        validUntil: '2024-06-08T00:00:00Z',
      },
    ];
    const id = await newVariant({ prices });
    const ask = async (query: string) => (await t.must('GET', `/variants/${id}/price?${query}`)).body;
    expect(await ask('quantity=3&at=2024-06-08T00:00:00Z')).toMatchObject({
      currency: 'EUR',
      unitPrice: '10.0000',
      discount: '0.0000',
      promotion: null,
    });
    expect(await ask('quantity=10&at=2024-06-03T02:00:00%2B02:00')).toMatchObject({
      at: '2024-06-03T00:00:00.000000Z',
      unitPrice: '9.0000',
      discount: '5.0000',
      list: { minQuantity: 10 },
      promotion: { amount: '8.5000' },
    });
    const none = await ask('currency=CHF');
    expect(none).toMatchObject({ unitPrice: null, list: null });
    expect(none.reason).toContain('No list price in CHF');
  });
});

describe('bad input is refused with the field', () => {
  test.each([
    [{ name: '' }, 'name'],
    [{ name: 'x', colour: 'blue' }, 'colour'],
    [{ name: 'x', taxRate: '1.1' }, 'taxRate'],
    [{ name: 'x', taxRate: -0.1 }, 'taxRate'],
    [{ name: 'x', variants: [{ sku: '' }] }, 'variants[0].sku'],
    [{ name: 'x', variants: [{ sku: 's', unitCost: 1 }] }, 'variants[0].costCurrency'],
    [{ name: 'x', variants: [{ sku: 's', unitCost: '1.23456', costCurrency: 'EUR' }] }, 'variants[0].unitCost'],
    [{ name: 'x', attributes: { a: 'x'.repeat(17_000) } }, 'attributes'],
  ])('product %j', async (body, path) => {
    const answer = await t.call('POST', '/products', { body });
    expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([400, path]);
  });

  test.each([
    [{ currency: 'XXQ', amount: 1 }, 'currency'],
    [{ currency: 'eur', amount: 1 }, 'currency'],
    [{ currency: 'EUR', amount: '1.00001' }, 'amount'],
    [{ currency: 'EUR', amount: 1e-7 }, 'amount'],
    [{ currency: 'EUR', amount: -1 }, 'amount'],
    [{ currency: 'EUR', amount: 1e12 }, 'amount'],
    [{ currency: 'EUR', amount: '1000000000' }, 'amount'],
    [{ currency: 'EUR', amount: 1, minQuantity: 0 }, 'minQuantity'],
    [{ currency: 'EUR', amount: 1, minQuantity: 1e12 }, 'minQuantity'],
    [{ currency: 'EUR', amount: 1, validFrom: '2011-02-30T00:00:00Z' }, 'validFrom'],
    [{ currency: 'EUR', amount: 1, validFrom: '2201-01-01T00:00:00Z' }, 'validFrom'],
    [{ currency: 'EUR', amount: 1, validFrom: '+020111-01-01T00:00:00Z' }, 'validFrom'],
    [
      { currency: 'EUR', amount: 1, validFrom: '2024-01-01T00:00:00Z', validUntil: '2024-01-01T00:00:00Z' },
      'validUntil',
    ],
  ])('price %j', async (body, path) => {
    const answer = await t.call('POST', `/variants/${await newVariant()}/prices`, { body });
    expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([400, path]);
  });

  test.each([
    ['/products?limit=0', 'limit'],
    ['/products?limit=201', 'limit'],
    ['/products?status=lost', 'status'],
    ['/products?colour=blue', 'colour'],
    ['/products?q=%00', 'q'],
    ['/products/123', 'id'],
    ['/variants?productId=x', 'productId'],
    [`/variants/${randomUUID()}/price?quantity=1000000000000`, 'quantity'],
    [`/variants/${randomUUID()}/price?at=20111-01-01T00:00:00Z`, 'at'],
  ])('GET %s', async (path, field) => {
    const answer = await t.call('GET', path);
    expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([400, field]);
  });
});

// Red when a query finds rows of another brand, or says more of them than of unknown ones.
test('ids of another brand are answered like unknown ones', async () => {
  const product = (
    await t.must('POST', '/products', {
      body: { name: fresh(), variants: [variant({ prices: [{ currency: 'EUR', amount: 1 }] })] },
    })
  ).body;
  const category = (await t.must('POST', '/categories', { body: { name: fresh() } })).body;
  const [mine] = product.variants;
  const as = { brand: 'borea' as const };
  const attempts = (ids: { product: string; variant: string; price: string; category: string }) =>
    [
      ['GET', `/products/${ids.product}`],
      ['PATCH', `/products/${ids.product}`, { name: 'Taken' }],
      ['POST', `/products/${ids.product}/archive`],
      ['GET', `/variants/${ids.variant}`],
      ['PATCH', `/variants/${ids.variant}`, { name: 'Taken' }],
      ['POST', `/variants/${ids.variant}/archive`],
      ['GET', `/variants/${ids.variant}/prices`],
      ['POST', `/variants/${ids.variant}/prices`, { currency: 'EUR', amount: 1 }],
      ['GET', `/variants/${ids.variant}/price`],
      ['POST', '/variants', { productId: ids.product, sku: 'unknown' }],
      ['GET', `/prices/${ids.price}`],
      ['PATCH', `/prices/${ids.price}`, { amount: 1 }],
      ['DELETE', `/prices/${ids.price}`],
      ['GET', `/categories/${ids.category}`],
      ['PATCH', `/categories/${ids.category}`, { name: 'Taken' }],
      ['POST', `/categories/${ids.category}/archive`],
    ] as [string, string, object?][];
  const answers = async (calls: ReturnType<typeof attempts>) => {
    const all = [];
    for (const [method, path, body] of calls) {
      const answer = await t.call(method, path, {
        as,
        body,
        headers: { 'if-match': '*', 'x-request-id': 'same-id-for-all' },
      });
      all.push([method, answer.status, answer.body]);
    }
    return all;
  };
  const theirs = await answers(
    attempts({ product: product.id, variant: mine.id, price: mine.prices[0].id, category: category.id }),
  );
  const nobodys = await answers(
    attempts({ product: randomUUID(), variant: randomUUID(), price: randomUUID(), category: randomUUID() }),
  );
  expect(theirs).toEqual(nobodys);
  expect(theirs.map(([, status]) => status)).toEqual(theirs.map((_, n) => (n === 9 ? 409 : 404)));
  expect((await t.must('GET', `/products/${product.id}`)).body).toEqual(product);
});

test('operators, analysts and executives read the catalogue, and do not write it', async () => {
  for (const role of ['operator', 'analyst', 'executive'] as const) {
    const headers: Record<string, string> = role === 'executive' ? { 'x-tenant-id': 'atlas' } : {};
    expect((await t.call('GET', '/products', { as: { role }, headers })).status).toBe(200);
    expect((await t.call('POST', '/products', { as: { role }, headers, body: { name: 'x' } })).status).toBe(403);
  }
});

describe('bulk', () => {
  test('a result per item: good ones are created, bad ones leave nothing and say why', async () => {
    const sku = fresh('SKU');
    const items = [
      { name: 'One', variants: [variant({ sku, prices: [{ currency: 'EUR', amount: 1 }] })] },
      { name: '' },
      { name: fresh('Half'), category: fresh('Never'), variants: [variant(), variant({ sku })] },
      'no product',
      { name: 'Two' },
    ];
    const headers = { 'idempotency-key': fresh('key') };
    const answer = await t.must('POST', '/products/bulk', {
      body: { items: items.filter((item) => typeof item === 'object') },
      headers,
    });
    expect(answer.body.results.map(({ index, status }: { index: number; status: number }) => [index, status])).toEqual([
      [0, 201],
      [1, 400],
      [2, 409],
      [3, 201],
    ]);
    expect(answer.body.results[1].problem.errors[0].path).toBe('name');
    expect(answer.body.results[2].problem.errors[0].path).toBe('variants[1].sku');
    expect((await t.must('GET', '/products?q=Half')).body.items).toEqual([]);
    expect((await t.must('GET', '/categories?q=Never')).body.items).toEqual([]);
    const { item } = answer.body.results[0];
    expect((await t.must('GET', `/products/${item.id}`)).body).toEqual(item);
    const again = await t.must('POST', '/products/bulk', {
      body: { items: items.filter((item) => typeof item === 'object') },
      headers,
    });
    expect([again.body, again.headers.get('idempotent-replayed')]).toEqual([answer.body, 'true']);
    expect((await t.call('POST', '/products/bulk', { body: { items } })).status).toBe(400);
  });

  test('500 at once, no more', async () => {
    const product = (await t.must('POST', '/products', { body: { name: fresh() } })).body.id;
    const items = (count: number) => Array.from({ length: count }, () => variant({ productId: product }));
    const { results } = (await t.must('POST', '/variants/bulk', { body: { items: items(500) } })).body;
    expect(new Set(results.map(({ status }: { status: number }) => status))).toEqual(new Set([201]));
    const tooMany = await t.call('POST', '/variants/bulk', { body: { items: items(501) } });
    expect([tooMany.status, tooMany.body.errors[0].path]).toEqual([400, 'items']);
  });

  // Red when a deadlock is not tried again: both lists take the same categories and SKUs, in opposite order.
  test('two lists in opposite order never end in a 5xx', async () => {
    const rows = Array.from({ length: 60 }, () => ({ name: 'R', category: fresh('Rev'), variants: [variant()] }));
    const lists = [rows, [...rows].reverse(), rows, [...rows].reverse()];
    const answers = await Promise.all(lists.map((items) => t.call('POST', '/products/bulk', { body: { items } })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const created = answers
      .flatMap(({ body }) => body.results)
      .filter(({ status }: { status: number }) => status === 201);
    expect(created).toHaveLength(60);
  });
});
