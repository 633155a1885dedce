// Frames of a page, how many were not drawn and why: what the page itself takes, and what the machine leaves it.
import type { Page } from 'playwright-core';

export interface Frames {
  /** Of those there should have been (60 per second), the share that there was not. */
  readonly dropped: number;
  /** Tasks of more than 50 ms. */
  readonly longTasks: number;
  /** Processor time of the page's main thread, milliseconds per second. */
  readonly mainThreadMs: number;
}

/** The frames of a page for some seconds from now on. */
export async function framesOf(page: Page, seconds: number): Promise<Frames> {
  const session = await page.context().newCDPSession(page);
  // Of its own processor time: on a shared machine a task lasts longer than it takes.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const taken = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
  };
  const before = await taken();
  const { dropped, longTasks } = await page.evaluate<Pick<Frames, 'dropped' | 'longTasks'>>(watchFrames(seconds));
  const mainThreadMs = Math.round((((await taken()) - before) * 1_000) / seconds);
  await session.detach();
  return { dropped, longTasks, mainThreadMs };
}

const watchFrames = (seconds: number) => `new Promise((resolve) => {
  let longTasks = 0;
  const observer = new PerformanceObserver((list) => { longTasks += list.getEntries().length; });
  observer.observe({ type: 'longtask' });
  const begun = performance.now();
  let drawn = 0;
  const frame = (now) => {
    drawn++;
    if (now - begun < ${seconds * 1_000}) return requestAnimationFrame(frame);
    observer.disconnect();
    const expected = (now - begun) / (1000 / 60);
    resolve({ dropped: Math.max(0, Math.round((1 - drawn / expected) * 1000) / 1000), longTasks });
  };
  requestAnimationFrame(frame);
})`;

/**
 * The frames of a page that asks for the same and draws none of it: it is left as it stands, and its stream goes on being read. What is
 * dropped there no page could help: the machine has other things to do.
 */
export async function framesOfStandstill(page: Page, seconds: number): Promise<Frames> {
  const [stream] = await Promise.all([
    page.waitForRequest((request) => request.url().includes('/api/v1/kpis/stream')),
    page.reload(),
  ]);
  await page.locator('canvas').first().waitFor();
  const drawn = await page.evaluate<string>('document.body.innerHTML');
  // The same page without its program.
  await page.route('**/*.js', (route) => route.abort());
  await page.reload();
  const headers = { accept: 'text/event-stream', 'x-tenant-id': stream.headers()['x-tenant-id'] };
  await page.evaluate(`{
    document.body.innerHTML = ${JSON.stringify(drawn)};
    void fetch(${JSON.stringify(stream.url())}, { headers: ${JSON.stringify(headers)} }).then(async ({ body }) => {
      for (const reader = body.getReader(); !(await reader.read()).done; );
    });
  }`);
  const frames = await framesOf(page, seconds);
  await page.unroute('**/*.js');
  return frames;
}
