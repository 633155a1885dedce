import type { Page } from 'playwright-core';
import { seriousViolations } from './accessibility.ts';

/** Tiles that begin at one height and whose figures do not, whatever their titles' lengths. */
const FIGURES_OUT_OF_LINE = `[...document.querySelectorAll('.tiles')].flatMap((block) => {
  const lines = new Map();
  const top = (element) => Math.round(element.getBoundingClientRect().top);
  return [...block.querySelectorAll('.tile:has(.tile-figure)')].filter((tile) => {
    const figure = top(tile.querySelector('.tile-figure'));
    const line = lines.get(top(tile)) ?? figure;
    lines.set(top(tile), line);
    return line !== figure;
  }).map((tile) => tile.querySelector('h3').textContent);
})`;

/** What is wrong with a page as it stands, in words: accessibility in light and dark, paper, a telephone's width, figures out of line. */
export async function faultsOf(page: Page, name: string): Promise<string[]> {
  const faults: string[] = [];
  // Figures that stand still are greyed on purpose, and say so in words.
  await page.locator('[data-stale]').first().waitFor({ state: 'detached' });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    // The second time nothing but colours is another.
    for (const { id, nodes } of await seriousViolations(
      page,
      colorScheme === 'dark' ? ['color-contrast'] : undefined,
    )) {
      faults.push(`${name}, ${colorScheme}: axe ${id}: ${nodes.join(' ')}`);
    }
  }
  const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
  const sheets = pdf.match(/\/Type\s*\/Page\b/g)?.length;
  if (sheets !== 1) faults.push(`${name}: ${sheets} sheets`);
  await page.setViewportSize({ width: 390, height: 844 });
  const width = await page.evaluate<number>('document.documentElement.scrollWidth');
  if (width > 390) faults.push(`${name}: ${width} pixels wide`);
  for (const crooked of await page.evaluate<string[]>(FIGURES_OUT_OF_LINE))
    faults.push(`${name}: out of line: ${crooked}`);
  await page.setViewportSize({ width: 1440, height: 900 });
  return faults;
}
