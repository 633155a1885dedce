// What a page needs before it is printed: it is laid out as wide as the paper will show it, in light colours, and small enough for one sheet.
import { useSyncExternalStore } from 'react';
import { flushSync } from 'react-dom';

/** Pixels of A4 within margins of 10 mm. */
const [PAPER_WIDTH, PAPER_HEIGHT] = [718, 1046];
/** What a page is laid out in; theme.css has the same. */
const LAYOUT_WIDTH = 1180;
/** Lines of small letters are rounded up one by one: a long table grows by this much as it is printed. */
const ROUNDING = 1.06;
/** As small as letters shall be; what is longer shows fewer rows of its tables. */
const SMALL_ENOUGH = 0.5;
/** Smaller than this nobody reads: what is still longer takes more sheets. */
const SMALLEST = 0.36;
/** How many rows of each table paper shows: as many of these as fit. */
const ROWS_ON_PAPER = [Number.POSITIVE_INFINITY, 50, 35, 25, 15, 10] as const;

const listeners = new Set<() => void>();
/** Null on screen. */
let rowsOnPaper: number | null = null;

function subscribe(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

/** Whether the page is being printed: charts are drawn again, in light colours and as wide as the paper. */
export function usePrinting(): boolean {
  return useSyncExternalStore(subscribe, () => rowsOnPaper !== null);
}

/** How many rows a table shows at most: all on screen, fewer on paper where the page would be too long for a sheet. */
export function useRowsOnPaper(): number {
  return useSyncExternalStore(subscribe, () => rowsOnPaper ?? Number.POSITIVE_INFINITY);
}

/** Once, at the start of an app. */
export function preparePrinting(): void {
  const { documentElement: page } = document;
  const show = (rows: number | null) => {
    rowsOnPaper = rows;
    page.toggleAttribute('data-printing', rows !== null);
    // Now: printing waits for no later frame, and what is measured next must stand.
    flushSync(() => {
      for (const tell of listeners) tell();
    });
  };
  addEventListener('beforeprint', () => {
    let scale = 0;
    for (const rows of ROWS_ON_PAPER) {
      show(rows);
      scale = scaleForOneSheet();
      if (scale >= SMALL_ENOUGH) break;
    }
    page.style.setProperty('--print-scale', Math.max(SMALLEST, scale).toFixed(3));
  });
  addEventListener('afterprint', () => show(null));
}

function scaleForOneSheet(): number {
  const height = document.querySelector('main')?.scrollHeight ?? 0;
  return Math.min(PAPER_WIDTH / LAYOUT_WIDTH, PAPER_HEIGHT / ROUNDING / height);
}
