import { DataTable } from '../../ui/components/data-table.tsx';
import { formatAge, formatTime } from '../../ui/format.ts';
import type { ServiceState } from '../platform.ts';
import { texts } from '../texts.ts';

/** The instance's processes, since when they are as they are, and why they last ended. */
export function Processes({ services }: { readonly services: readonly ServiceState[] | undefined }) {
  if (services === undefined) {
    return (
      <section className="panel" id="process" aria-label={texts.processes}>
        <h2>{texts.processes}</h2>
        <div className="skeleton" style={{ height: 200 }} aria-hidden="true" />
      </section>
    );
  }
  return (
    <section className="panel" id="process" aria-label={texts.processes}>
      <h2>{texts.processes}</h2>
      <div className="table-scroll">
        <DataTable
          rows={services}
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
            { id: 'reason', title: texts.reason, cell: ({ reason }) => reason ?? '–', value: ({ reason }) => reason },
          ]}
        />
      </div>
    </section>
  );
}
