import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OwnInstance } from '../verify/soak/own-instance.ts';

/**
 * The whole path on real data, with the commands a user types: `up`, `tenants create`, `import orders` of 541,909 lines, then the
 * public API. The figures were counted independently of this product, from the file itself.
 */
const root = path.join(import.meta.dirname, '..');
const file = path.join(root, '../shared/data/online_retail/online_retail.csv.gz');
const map = path.join(root, 'examples/online-retail.map.json');

type Row = Record<string, unknown>;

let instance: OwnInstance;
let token: string;

async function query(body: object): Promise<Row[]> {
  const response = await fetch(`${instance.url()}/api/v1/kpis/query`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status, await response.clone().text()).toBe(200);
  return ((await response.json()) as { rows: Row[] }).rows;
}

const everything = { from: '2009-01-01', to: '2013-01-01' };

// The data set lies beside the repository and is not part of it: without it there is nothing to test, except in CI, where it must be there.
describe.runIf(existsSync(file) || process.env.CI === 'true')('Online Retail through the public API', () => {
  beforeAll(async () => {
    instance = await OwnInstance.temporary('retail');
    await instance.ready();
    const brand = ['acme', '--name', 'Acme', '--currency', 'GBP', '--timezone', 'Europe/London'];
    expect(await instance.command('tenants', 'create', ...brand)).toMatchObject({ exitCode: 0 });
    const imported = await instance.command('import', 'orders', file, '--tenant', 'acme', '--map', map, '--json');
    expect(imported, imported.stderr.slice(-2000)).toMatchObject({ exitCode: 0 });
    token = (await instance.command('token', '--role', 'brand_manager', '--tenant', 'acme')).stdout.trim();
    // Whatever was imported is on its way: the figures stand when the last order is counted.
    for (let waited = 0; waited < 60_000; waited += 250) {
      const [row] = await query({ measures: ['orders', 'units_returned'], timeRange: everything });
      if (row?.orders === 19_959 && row.units_returned === 277_574) break;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }, 600_000);

  afterAll(async () => {
    await instance?.stop();
    instance?.remove();
  }, 60_000);

  it('answers the totals to the last digit', async () => {
    const measures = [
      'gross_sales',
      'returns',
      'net_sales',
      'adjustments',
      'orders',
      'aov',
      'customers',
      'repeat_purchase_rate',
    ];
    expect(await query({ measures, timeRange: everything })).toEqual([
      {
        gross_sales: '10655622.4840',
        returns: '896812.4900',
        net_sales: '9758809.9940',
        adjustments: '-11062.0600',
        orders: 19_959,
        aov: '533.875569',
        customers: 4338,
        repeat_purchase_rate: '0.655832',
      },
    ]);
  });

  it('answers months, countries and products to the last digit', async () => {
    const months = await query({
      measures: ['gross_sales'],
      timeRange: { from: '2010-12-01', to: '2012-01-01' },
      grain: 'month',
    });
    expect(months).toHaveLength(13);
    expect(months).toEqual(
      expect.arrayContaining([
        { time: '2010-12-01', gross_sales: '823746.1400' },
        { time: '2011-04-01', gross_sales: '537808.6210' },
        { time: '2011-07-01', gross_sales: '719221.1910' },
        { time: '2011-09-01', gross_sales: '1058590.1720' },
        { time: '2011-12-01', gross_sales: '638792.6800' },
      ]),
    );
    const orderBy = [{ by: 'gross_sales', direction: 'desc' }];
    expect(
      await query({ measures: ['gross_sales'], timeRange: everything, dimensions: ['country'], orderBy, limit: 3 }),
    ).toEqual([
      { country: 'United Kingdom', gross_sales: '9014160.0240' },
      { country: 'Netherlands', gross_sales: '285446.3400' },
      { country: 'EIRE', gross_sales: '283453.9600' },
    ]);
    expect(
      await query({ measures: ['gross_sales'], timeRange: everything, dimensions: ['sku'], orderBy, limit: 2 }),
    ).toEqual([
      { sku: 'DOT', gross_sales: '206248.7700' },
      { sku: '22423', gross_sales: '174484.7400' },
    ]);
    const filters = [{ dimension: 'sku', op: 'in', values: ['23843'] }];
    expect(await query({ measures: ['units_sold'], timeRange: everything, filters })).toEqual([{ units_sold: 80_995 }]);
  });

  it('imports the same file again without changing anything', async () => {
    const again = await instance.command('import', 'orders', file, '--tenant', 'acme', '--map', map);
    expect(again).toMatchObject({ exitCode: 0 });
    expect(again.stdout).toContain('Everything was there already.');
  }, 300_000);

  it('is proven by verify', async () => {
    const verified = await instance.command('verify', '--json');
    expect(verified, verified.stdout.slice(0, 3000)).toMatchObject({ exitCode: 0 });
  }, 300_000);
});
