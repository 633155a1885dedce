// What a page needs before it is printed: it is laid out as wide as the paper will show it, in light colours, and small enough for one sheet.
import { useSyncExternalStore } from 'react';

/** Pixels of A4 within margins of 10 mm. */
const [PAPER_WIDTH, PAPER_HEIGHT] = [718, 1046];
/** What a page is laid out in; theme.css has the same. */
const LAYOUT_WIDTH = 1180;
/** Lines of small letters are rounded up one by one: a long table grows by this much as it is printed. */
const ROUNDING = 1.06;
/** Smaller than this nobody reads: what is longer takes more sheets. */
const SMALLEST = 0.36;

const listeners = new Set<() => void>();
let printing = false;

/** Whether the page is being printed: charts are drawn again, in light colours and as wide as the paper. */
export function usePrinting(): boolean {
  return useSyncExternalStore(
    (tell) => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    () => printing,
  );
}

/** Once, at the start of an app. */
export function preparePrinting(): void {
  const { documentElement: page } = document;
  const set = (value: boolean) => {
    printing = value;
    page.toggleAttribute('data-printing', value);
    for (const tell of listeners) tell();
  };
  addEventListener('beforeprint', () => {
    set(true);
    const height = document.querySelector('main')?.scrollHeight ?? 0;
    const scale = Math.max(SMALLEST, Math.min(PAPER_WIDTH / LAYOUT_WIDTH, PAPER_HEIGHT / ROUNDING / height));
    page.style.setProperty('--print-scale', scale.toFixed(3));
  });
  addEventListener('afterprint', () => set(false));
}
