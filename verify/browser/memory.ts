import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';

export interface Held {
  readonly heapKilobytes: number;
  readonly nodes: number;
  readonly listeners: number;
}

const LOOKS = 8;

/** What a page holds at rest, once all that nobody needs any more is collected: the least of some looks, between which its requests end. */
export async function heldBy(page: Page): Promise<Held> {
  let least = await heldNow(page);
  for (let look = 1; look < LOOKS; look++) {
    await sleep(500);
    const now = await heldNow(page);
    least = {
      heapKilobytes: Math.min(least.heapKilobytes, now.heapKilobytes),
      nodes: Math.min(least.nodes, now.nodes),
      listeners: Math.min(least.listeners, now.listeners),
    };
  }
  return least;
}

async function heldNow(page: Page): Promise<Held> {
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
