import { DataTable } from '../../ui/components/data-table.tsx';
import { Panel } from '../../ui/components/panel.tsx';
import { formatAge, formatTime } from '../../ui/format.ts';
import type { ServiceState } from '../platform.ts';
import { texts } from '../texts.ts';

/** The instance's processes, since when they are as they are, and why they last ended. */
export function Processes({ services }: { readonly services: readonly ServiceState[] | undefined }) {
  return (
    <Panel title={texts.processes} id="process" of={services} awaited={{ rows: 4 }}>
      {(shown) => (
        <DataTable
          rows={shown}
          caption={texts.processes}
          empty=""
          keyOf={({ name }) => name}
          columns={[
            {
              id: 'name',
              title: texts.process,
              cell: ({ name }) => <strong>{name}</strong>,
              value: ({ name }) => name,
            },
            {
              id: 'state',
              title: texts.state,
              cell: ({ state }) => (
                <span className="pill" data-tone={state === 'up' ? 'good' : state === 'starting' ? 'warn' : 'bad'}>
                  {state}
                </span>
              ),
              value: ({ state }) => state,
            },
            {
              id: 'since',
              title: texts.since,
              isNumber: true,
              cell: ({ since }) => (
                <time dateTime={since}>
                  {formatTime(since, 'UTC')} {texts.utc} ({formatAge(since)})
                </time>
              ),
              value: ({ since }) => since,
            },
            {
              id: 'restarts',
              title: texts.restarts,
              isNumber: true,
              cell: ({ restarts }) => restarts,
              value: ({ restarts }) => restarts,
            },
            {
              id: 'reason',
              title: texts.reason,
              wraps: true,
              cell: ({ reason }) => reason ?? '–',
              value: ({ reason }) => reason,
            },
          ]}
        />
      )}
    </Panel>
  );
}
