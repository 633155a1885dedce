import type { ReactNode } from 'react';

/** A long table in a box of its own: it scrolls by keyboard too, so it takes the focus. */
export function ScrollBox({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
    <section className="table-scroll tall" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
