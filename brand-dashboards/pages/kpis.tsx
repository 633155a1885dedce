import { createLazyRoute } from '@tanstack/react-router';
import { useCatalogue } from '../../ui/catalogue.ts';
import { DataTable } from '../../ui/components/data-table.tsx';
import { Definition } from '../../ui/components/definition.tsx';
import { Failure } from '../../ui/components/failure.tsx';
import { LiveStatus } from '../../ui/components/live-status.tsx';
import { Panel } from '../../ui/components/panel.tsx';
import { PeriodPicker } from '../../ui/components/period-picker.tsx';
import { useTitle } from '../../ui/components/shell.tsx';
import { formatFigure } from '../../ui/format.ts';
import { useLiveFigures } from '../../ui/live.ts';
import { queryParts } from '../../ui/page-state.ts';
import { usePageState } from '../../ui/use-page-state.ts';
import { texts } from '../texts.ts';

export const route = createLazyRoute('/kpis')({ component: Kpis });

/** Has a row per state of stock and is asked alone; units on hand stand for it here. */
const BY_STATE = 'stock_by_state';

function Kpis() {
  useTitle(texts.pages.kpis, texts.product);
  const [state, change] = usePageState();
  const catalogue = useCatalogue();
  const kpis = [...catalogue.values()].filter(({ platformOnly }) => !platformOnly);
  const ids = (isState: boolean) =>
    kpis.filter((kpi) => kpi.isState === isState && kpi.id !== BY_STATE).map(({ id }) => id);
  const live = useLiveFigures({
    figures: { ...queryParts(state), filters: [], measures: ids(false).length > 0 ? ids(false) : ['orders'] },
    states: { measures: ids(true).length > 0 ? ids(true) : ['inventory_value'] },
    stock: { measures: [BY_STATE] },
  });
  const { figures, states, stock } = live.answers;
  const onHand = stock?.rows.find(({ status }) => status === 'on_hand')?.[BY_STATE];
  const value = (id: string) => ({ ...figures?.rows[0], ...states?.rows[0], [BY_STATE]: onHand })[id];
  return (
    <>
      <header className="page-head">
        <div className="page-title">
          <h1>{texts.pages.kpis}</h1>
          <LiveStatus asOf={live.asOf} connection={live.connection} timezone={figures?.timezone ?? 'UTC'} />
        </div>
        <PeriodPicker state={state} onChange={change} />
      </header>
      {live.failure !== null && figures === undefined ? <Failure problem={live.failure} retry={live.retry} /> : null}
      <Panel
        title={texts.catalogue}
        of={kpis}
        awaited={{ rows: 20, rowHeight: 51 }}
        isStale={live.isStale && figures !== undefined}
      >
        {() => (
          <DataTable
            rows={kpis}
            caption={texts.catalogue}
            empty=""
            keyOf={({ id }) => id}
            columns={[
              {
                id: 'kpi',
                title: texts.kpi,
                wraps: true,
                cell: ({ name, formula }) => (
                  <>
                    <strong>{name}</strong>
                    <span className="cell-note">{formula}</span>
                  </>
                ),
                value: ({ name }) => name,
              },
              {
                id: 'figure',
                title: texts.figure,
                isNumber: true,
                cell: ({ id, unit, isState }) =>
                  (isState ? states : figures) === undefined && live.failure === null ? (
                    <span className="skeleton skeleton-figure" aria-hidden="true" />
                  ) : (
                    formatFigure(value(id), { id, unit, currency: figures?.currency })
                  ),
                value: ({ id }) => value(id),
              },
              { id: 'more', title: '', cell: (kpi) => <Definition kpi={kpi} />, value: () => null },
            ]}
          />
        )}
      </Panel>
    </>
  );
}
