// The stories of the demo as the README's tour tells them: the clicks that lead from a brand's overview to each, and what is seen there.
import type { Locator, Page } from 'playwright-core';

/** A click on a tile of the overview, wherever in it. */
const tile = (page: Page, kpi: string) =>
  page
    .locator(`[data-kpi=${kpi}]`)
    .first()
    .click({ position: { x: 20, y: 20 } });
const panel = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const rowOf = (table: Locator, name: string) => table.getByRole('row').filter({ hasText: name });
const numberOf = (text: string) => Number(text.replaceAll(/[^\d.−-]/g, '').replace('−', '-'));

/** A chart's figures, oldest first. */
async function course(page: Page, name: string): Promise<number[]> {
  const chart = panel(page, `${name} over time`);
  await chart.getByRole('button', { name: 'Table' }).click();
  await chart.locator('tbody tr').nth(6).waitFor();
  return (await chart.locator('tbody tr td:nth-child(2)').allTextContents()).map(numberOf);
}

export interface Story {
  readonly brand: string;
  readonly tells: string;
  /** Clicks from the overview on; resolves to whether the page shows it. */
  readonly isSeen: (overview: Page) => Promise<boolean>;
}

/** Dates are days before the day of seeding: they are told of a store that was seeded today. */
export const STORIES: readonly Story[] = [
  {
    brand: 'northlight',
    tells: 'its best tent was out of stock',
    isSeen: async (page) => {
      const named = await page.locator('[data-kpi=units_sold] .tile-note').textContent();
      await tile(page, 'units_sold');
      const products = panel(page, 'Units sold by product');
      await products.getByRole('button', { name: 'Fell Two-Person Tent', exact: true }).click();
      await page.waitForURL(/Fell/);
      await products.locator('tbody tr').nth(1).waitFor({ state: 'detached' });
      const [first, second, third, ...later] = await course(page, 'Units sold');
      const isGap = first === 0 && second === 0 && third === 0 && Math.max(...later) > 5;
      return named?.startsWith('none of Fell Two-Person Tent') === true && isGap;
    },
  },
  {
    brand: 'maison-verve',
    tells: 'all serums were cheaper for a week',
    isSeen: async (page) => {
      await tile(page, 'discount_rate');
      return (await course(page, 'Discount rate')).filter((rate) => rate > 10).length === 7;
    },
  },
  {
    brand: 'harbor-roast',
    tells: 'a kit went viral',
    isSeen: async (page) => {
      await tile(page, 'customers');
      const social = rowOf(panel(page, 'New customers by channel'), 'social');
      return numberOf((await social.getByRole('cell').last().textContent()) ?? '') > 200;
    },
  },
  {
    brand: 'tara-threads',
    tells: 'a carrier of one warehouse was slow',
    isSeen: async (page) => {
      await tile(page, 'on_time_rate');
      const split = panel(page, 'Delivery against promise by warehouse');
      const rate = async (of: string) =>
        numberOf((await rowOf(split, of).getByRole('button').nth(1).textContent()) ?? '');
      return (await rate('blr')) < 85 && (await rate('main')) > 90;
    },
  },
  {
    brand: 'mori-paper',
    tells: 'card payments failed for a day',
    isSeen: async (page) => {
      await tile(page, 'cancellation_rate');
      const rates = await course(page, 'Cancellation rate');
      return Math.max(...rates) > 33 && rates.filter((rate) => rate > 15).length === 1;
    },
  },
  {
    brand: 'outback-trade',
    tells: 'a disc was faulty and came back',
    isSeen: async (page) => {
      const named = await page.locator('[data-kpi=return_rate_value] .tile-note').textContent();
      await tile(page, 'return_rate_value');
      const rows = panel(page, 'Return rate by value by product').locator('tbody tr');
      await rows.nth(1).waitFor();
      const [first = '', second = ''] = await rows.allTextContents();
      const rate = (row: string) => numberOf(/[\d.]+%/.exec(row)?.[0] ?? '');
      return (
        named?.includes('Cutting Disc 230 mm') === true &&
        first.startsWith('Cutting Disc 230 mm') &&
        rate(first) > 2 * rate(second)
      );
    },
  },
];
