import { Link } from '@tanstack/react-router';
import { DataTable } from '../../ui/components/data-table.tsx';
import { Panel } from '../../ui/components/panel.tsx';
import { formatAge, formatTime } from '../../ui/format.ts';
import type { Pipeline } from '../platform.ts';
import { texts } from '../texts.ts';
import { CopyButton } from './copy-button.tsx';

/** Changes that could not be applied, each with its reason and the command that tries it again. */
export function DeadLetters({ letters }: { readonly letters: Pipeline['deadLetters'] | undefined }) {
  return (
    <Panel title={texts.deadLetters} id="dead-letters" of={letters} awaited={{ height: 20 }}>
      {(shown) =>
        shown.length === 0 ? (
          <p className="calm">
            <span aria-hidden="true">✓</span> {texts.noDeadLetters}
          </p>
        ) : (
          <DataTable
            rows={shown}
            caption={texts.deadLetters}
            empty={texts.noDeadLetters}
            keyOf={({ id }) => id}
            columns={[
              {
                id: 'seen',
                title: texts.firstSeen,
                cell: ({ firstSeen }) => <time dateTime={firstSeen}>{texts.agoText(formatAge(firstSeen))}</time>,
                value: ({ firstSeen }) => firstSeen,
              },
              {
                id: 'brand',
                title: texts.letterBrand,
                cell: ({ brand }) =>
                  brand === null ? (
                    '–'
                  ) : (
                    <Link to="/brands/$brand" params={{ brand }} search={true}>
                      {brand}
                    </Link>
                  ),
                value: ({ brand }) => brand,
              },
              { id: 'table', title: texts.letterTable, cell: ({ table }) => table, value: ({ table }) => table },
              {
                id: 'key',
                title: texts.letterKey,
                cell: ({ key }) => <code>{key.split(',').slice(1).join(',') || key}</code>,
                value: ({ key }) => key,
              },
              {
                id: 'reason',
                title: texts.letterReason,
                wraps: true,
                cell: ({ reason }) => <span className="why">{reason}</span>,
                value: ({ reason }) => reason,
              },
              {
                id: 'replay',
                title: texts.letterReplay,
                cell: ({ id }) => (
                  <span className="command">
                    <code>{replay(id)}</code> <CopyButton text={replay(id)} label={replay(id)} />
                  </span>
                ),
                value: ({ id }) => replay(id),
              },
            ]}
          />
        )
      }
    </Panel>
  );
}

const replay = (id: string) => `npm run -s uco -- dead-letters replay ${id}`;

/** What the background sample found, and when it last looked at what. */
export function Verification({ pipeline }: { readonly pipeline: Pipeline | undefined }) {
  return (
    <Panel title={texts.verification} hint={texts.verificationNote} id="drift" of={pipeline} awaited={{ height: 130 }}>
      {({ drift, checks, stream }) => <Found {...{ drift, checks, stream }} />}
    </Panel>
  );
}

function Found({ drift, checks, stream }: Pick<Pipeline, 'drift' | 'checks' | 'stream'>) {
  const tone = drift.length > 0 ? 'bad' : checks.length > 0 ? 'good' : undefined;
  const found = drift.length > 0 ? `${texts.drift}: ${drift.length}` : tone === 'good' ? texts.noDrift : texts.noChecks;
  return (
    <div className="verification">
      <p>
        <span className="pill" data-tone={tone}>
          {found}
        </span>{' '}
        {stream ? <span className="number">{texts.verified(stream.sampled.toLocaleString('en-GB'))}</span> : null}
      </p>
      {drift.length > 0 ? (
        <DataTable
          rows={drift}
          caption={texts.drift}
          empty=""
          keyOf={({ table, key }) => `${table} ${key}`}
          columns={[
            { id: 'table', title: texts.letterTable, cell: ({ table }) => table, value: ({ table }) => table },
            { id: 'key', title: texts.letterKey, cell: ({ key }) => <code>{key}</code>, value: ({ key }) => key },
            {
              id: 'detail',
              title: texts.detail,
              wraps: true,
              cell: ({ detail }) => <span className="why">{detail}</span>,
              value: ({ detail }) => detail,
            },
          ]}
        />
      ) : null}
      <ul className="checks">
        {checks.map(({ table, checked, checkedAt }) => (
          <li key={table}>
            <span>{table}</span>
            <span className="number" title={`${formatTime(checkedAt, 'UTC')} ${texts.utc}`}>
              {checked} · {texts.agoText(formatAge(checkedAt))}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
