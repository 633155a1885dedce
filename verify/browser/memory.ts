import type { Page } from 'playwright-core';

export interface Held {
  readonly heapKilobytes: number;
  readonly nodes: number;
  readonly listeners: number;
}

/** What a page holds once all that nobody needs any more is collected. */
export async function heldBy(page: Page): Promise<Held> {
  const session = await page.context().newCDPSession(page);
  try {
    await session.send('Performance.enable');
    // Twice: what a finaliser lets go is collected by the second.
    await session.send('HeapProfiler.collectGarbage');
    await session.send('HeapProfiler.collectGarbage');
    const { metrics } = await session.send('Performance.getMetrics');
    const value = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
    return {
      heapKilobytes: Math.round(value('JSHeapUsedSize') / 1024),
      nodes: value('Nodes'),
      listeners: value('JSEventListeners'),
    };
  } finally {
    await session.detach();
  }
}
