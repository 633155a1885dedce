import { describe, expect, it } from 'vitest';
import { catalogue, kpi } from './catalogue.ts';
import { compile } from './compile.ts';
import { inlined, Parameters } from './parameters.ts';
import type { Plan } from './plan.ts';

const plan = (changes: Partial<Plan> & { ids?: string[] }): Plan => ({
  measures: (changes.ids ?? ['net_sales']).map(kpi),
  dimensions: [],
  filters: [],
  grain: null,
  span: { from: 0n, to: 86_400_000_000n },
  zone: 'UTC',
  orderBy: [],
  limit: null,
  ...changes,
});
const tenantId = '018f4e2a-0000-7000-8000-000000000001';
const asItStands = { kind: 'as it stands' } as const;

describe('a compiled statement', () => {
  it('reads only the marts that its measures need', () => {
    const marts = (ids: string[], changes: Partial<Plan> = {}) => {
      const { sql } = compile({ plan: plan({ ids, ...changes }), tenantId, now: 0n, mode: asItStands });
      return [...new Set([...sql.matchAll(/marts\.(\w+)/g)].map(([, mart]) => mart))].sort();
    };
    expect(marts(['gross_sales', 'orders', 'aov'])).toEqual(['orders']);
    expect(marts(['net_sales'])).toEqual(['orders', 'returns']);
    expect(marts(['gross_sales'], { dimensions: ['sku'] })).toEqual(['order_lines']);
    expect(marts(['gross_sales'], { dimensions: ['category'] })).toEqual(['order_lines', 'variants']);
    expect(marts(['customers'])).toEqual(['orders']);
    expect(marts(['net_sales'], { filters: [{ dimension: 'sku', op: 'in', values: ['A'] }] })).toEqual([
      'order_lines',
      'return_lines',
    ]);
  });

  // Mutation: a table that is joined without the brand's predicate.
  it('names the brand for every table of rows it reads', () => {
    for (const { id, isState, dimensions } of catalogue) {
      const all = plan({
        ids: [id],
        dimensions: dimensions.filter((one) => one !== 'brand'),
        ...(isState ? { span: null } : {}),
      });
      for (const whose of [{ tenantId }, { tenantId: null, eachOf: [tenantId] }]) {
        const { sql } = compile({ plan: all, ...whose, now: 0n, mode: asItStands });
        const tables = [...sql.matchAll(/(?:FROM|JOIN \(SELECT [^)]*FROM) (?:marts|ops)\.(?!fx_rates|tenants)\w+/g)]
          .length;
        const predicates = [...sql.matchAll(/tenant_id (= \{tenant:UUID\}|IN \{tenants:Array\(UUID\)\})/g)].length;
        expect(predicates, id).toBeGreaterThanOrEqual(tables);
      }
    }
  });

  it('reads other databases when told to, whatever the values are', () => {
    const databases = { raw: 'raw_x', facts: 'facts_x', marts: 'marts_x' };
    const filters = [{ dimension: 'channel', op: 'in', values: ['marts.orders'] }] as const;
    const statement = compile({ plan: plan({ filters }), tenantId, now: 0n, mode: asItStands, databases });
    expect(statement.sql).toContain('FROM marts_x.orders AS o');
    expect(statement.sql).not.toMatch(/\bmarts\./);
    expect(inlined(statement)).toContain("['marts.orders']");
  });

  it('never holds a value in its text', () => {
    const filters = [{ dimension: 'channel', op: 'in', values: ["'); DROP"] }] as const;
    const { sql, parameters } = compile({
      plan: plan({ filters, zone: 'Europe/London', grain: 'day' }),
      tenantId,
      now: 0n,
      mode: asItStands,
    });
    expect(sql).not.toMatch(/DROP|London|018f4e2a/);
    expect(parameters).toMatchObject({ filter_0: ["'); DROP"], zone: 'Europe/London', tenant: tenantId });
  });

  it('lets the engine order and cut what is no series', () => {
    const ordered = plan({ dimensions: ['sku'], orderBy: [{ by: 'net_sales', direction: 'desc' }], limit: 3 });
    const { sql } = compile({ plan: ordered, tenantId, now: 0n, mode: asItStands, mostRows: 100 });
    expect(sql).toMatch(/ORDER BY net_sales DESC NULLS LAST, sku ASC NULLS LAST\nLIMIT 3$/);
    const each = compile({
      plan: ordered,
      tenantId: null,
      eachOf: [tenantId],
      now: 0n,
      mode: asItStands,
      mostRows: 100,
    });
    expect(each.sql).toMatch(/ORDER BY net_sales DESC NULLS LAST, sku ASC NULLS LAST\nLIMIT 3 BY brand_id$/);
  });
});

describe('values as literals', () => {
  it('are escaped, and a placeholder inside a value stays a value', () => {
    const parameters = new Parameters();
    const sql = `${parameters.add('a', 'String', "it's \\ {b:String}")} ${parameters.add('b', 'String', 'x')} ${parameters.instant('t', -1n)}`;
    expect(inlined({ sql, parameters: parameters.values() })).toBe(
      "'it\\'s \\\\ {b:String}' 'x' toDateTime64('1969-12-31 23:59:59.999999', 6, 'UTC')",
    );
  });
});
