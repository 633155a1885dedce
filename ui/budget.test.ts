import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const FIGURES_KB = 180;
const CHARTS_KB = 380;

/** Scripts that a page loads: those its HTML names, and what they import at once. */
function scriptsOf(page: string): Set<string> {
  const html = readFileSync(`${dist}/${page}/index.html`, 'utf8');
  const found = new Set<string>();
  const visit = (name: string) => {
    if (found.has(name)) return;
    found.add(name);
    const source = readFileSync(`${dist}/assets/${name}`, 'utf8');
    for (const [, imported] of source.matchAll(/(?:from|import)\s?"\.\/([\w-]+\.js)"/g)) visit(imported ?? '');
  };
  for (const [, name] of html.matchAll(/\/assets\/([\w-]+\.js)/g)) visit(name ?? '');
  return found;
}

const kilobytes = (names: Iterable<string>) =>
  [...names].reduce((sum, name) => sum + gzipSync(readFileSync(`${dist}/assets/${name}`)).length, 0) / 1_000;

describe.each(['brand-dashboards', 'control-tower'])('%s', (app) => {
  it('is light', () => {
    expect(existsSync(`${dist}/${app}/index.html`), 'run `npm run build` first').toBe(true);
    const assets = readdirSync(`${dist}/assets`).filter((name) => name.endsWith('.js'));
    const charts = assets.filter((name) => name.startsWith('echarts-'));
    const pages = assets.filter((name) => /^(overview|sales|inventory|fulfilment|pipeline|kpis)-/.test(name));
    const largestPage = pages.reduce((a, b) => (kilobytes([a]) > kilobytes([b]) ? a : b));
    // The largest page of either app, and what its chart frame brings.
    const parts = assets.filter((name) =>
      /^(series-panel|chart-frame|format|decimal|alerts|use-page-state)-/.test(name),
    );
    const figures = kilobytes(new Set([...scriptsOf(app), largestPage, ...parts]));
    const whole = figures + kilobytes(charts);
    console.log(`${app}: ${figures.toFixed(0)} kB until the figures stand, ${whole.toFixed(0)} kB with charts`);
    expect(charts).toHaveLength(1);
    expect([...scriptsOf(app)].filter((name) => charts.includes(name))).toEqual([]);
    expect(figures).toBeLessThanOrEqual(FIGURES_KB);
    expect(whole).toBeLessThanOrEqual(CHARTS_KB);
  });
});
