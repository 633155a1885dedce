import { lazy, Suspense } from 'react';
import { type RowLinks, useRowsQuestion } from '../rows.ts';

// Loaded with the first figure that is opened.
const RowsDrawer = lazy(() => import('./rows-drawer.tsx').then((loaded) => ({ default: loaded.RowsDrawer })));

/**
 * The rows behind a figure, in a drawer: orders, customers or stock, whose sum is the figure. An app mounts it once, in its frame.
 * Whatever shows a figure opens it with `useRowsQuestion().open(questionOf(query, measure, row))` (ui/rows.ts): `query` is the KPI
 * query whose answer shows the figure, `row` the row it stands in when the query has a grain or dimensions. `KpiTiles` does so by
 * itself; offer it where the KPI's `rows` are not empty. What is open stands in the URL as `rows`.
 */
export function RowsPanel(links: RowLinks) {
  const { question, close } = useRowsQuestion();
  if (question === null) return null;
  return (
    <Suspense fallback={null}>
      <RowsDrawer {...links} question={question} close={close} />
    </Suspense>
  );
}
