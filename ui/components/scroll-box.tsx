import { type CSSProperties, type ReactNode, useLayoutEffect, useRef, useState } from 'react';

/** How far something may scroll, sideways and down; whether there is more of it to either side. */
interface Overflow {
  readonly scrolls: boolean;
  readonly more: string;
}

/**
 * A table in a box of its own that scrolls where it is too wide or too long. Where more of it lies to a side, it fades out there and an arrow
 * points to it; what scrolls takes the focus, so that it does by keyboard too.
 */
export function ScrollBox({
  label,
  maxHeight,
  children,
}: {
  readonly label: string;
  readonly maxHeight?: CSSProperties['maxHeight'];
  readonly children: ReactNode;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [{ scrolls, more }, setOverflow] = useState<Overflow>({ scrolls: false, more: '' });
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const look = () => {
      const now = overflowOf(element);
      setOverflow((before) => (before.scrolls === now.scrolls && before.more === now.more ? before : now));
    };
    const watcher = new ResizeObserver(look);
    watcher.observe(element);
    for (const child of element.children) watcher.observe(child);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      watcher.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, []);
  const focusable = scrolls ? ({ role: 'group', 'aria-label': label, tabIndex: 0 } as const) : {};
  return (
    <div className="table-box" data-more={more || undefined}>
      <div ref={box} className="table-scroll" style={{ maxHeight }} {...focusable}>
        {children}
      </div>
    </div>
  );
}

function overflowOf({ scrollLeft, scrollWidth, clientWidth, scrollHeight, clientHeight }: HTMLElement): Overflow {
  const sides = [scrollLeft > 1 ? 'start' : '', scrollLeft + clientWidth < scrollWidth - 1 ? 'end' : ''];
  return {
    scrolls: scrollWidth > clientWidth + 1 || scrollHeight > clientHeight + 1,
    more: sides.filter(Boolean).join(' '),
  };
}
