import { createRandom } from '../../../verify/traffic/random.ts';
import type { Shop } from './shop.ts';
import { minuteOf, unitsPerMinute } from './visits.ts';

const MINUTES_OF_STOCK = 90;

/**
 * Books what suppliers bring for stock that has run low: enough for a while. Some come late, so that low stock is seen. Once a
 * minute, and twice in one minute changes nothing.
 */
export async function restock({ client, options }: Shop): Promise<void> {
  const { plan } = options;
  const response = await client.inventory.$get({ header: {}, query: { lowStock: 'true', limit: '200' } });
  if (response.status !== 200) throw new Error(`stock: ${response.status} ${await response.text()}`);
  const minute = minuteOf(Date.now());
  for (const { id, sku, warehouse, reorderPoint } of (await response.json()).items) {
    const product = plan.products.find(
      ({ key }) => sku === `${plan.prefix}-${key}` || sku.startsWith(`${plan.prefix}-${key}-`),
    );
    if (!product || createRandom(minute).fork(id).chance(0.4)) continue;
    const lot = Math.ceil(MINUTES_OF_STOCK * unitsPerMinute(options, product)) + 2 * (reorderPoint ?? 10);
    await client.inventory.adjustments.$post({
      header: { 'idempotency-key': `demo-receipt-${id}-${minute}` },
      json: { sku, warehouse, delta: lot, reason: 'receipt', note: 'Delivered by the supplier' },
    });
  }
}
