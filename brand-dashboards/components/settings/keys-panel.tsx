import { DataTable } from '../../../ui/components/data-table.tsx';
import { MoreRows } from '../../../ui/components/more-rows.tsx';
import { Panel } from '../../../ui/components/panel.tsx';
import { formatDay, formatTime } from '../../../ui/format.ts';
import { usePages } from '../../../ui/pages.ts';
import type { Session } from '../../../ui/session.ts';
import { texts } from '../../texts.ts';
import { NewKey, RevokeKey } from './key-actions.tsx';

const t = texts.settings;

/** A key as the API lists it (GET /api/v1/api-keys): without the key itself. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly permissions: readonly string[];
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly lastUsedAt: string | null;
}

/** Keys of programs: create, see their last use and expiry, revoke. */
export function KeysPanel({ session, timezone }: { readonly session: Session; readonly timezone: string }) {
  const keys = usePages<ApiKey>({ key: 'api-keys', path: '/api/v1/api-keys' });
  const time = (at: string) => formatTime(at, timezone, false);
  return (
    <Panel
      title={t.keys}
      hint={t.keysHint}
      of={keys.data}
      awaited={{ rows: 2 }}
      problem={keys.error}
      retry={() => void keys.refetch()}
      tools={<NewKey session={session} />}
    >
      {(shown) => (
        <>
          <DataTable
            rows={shown}
            caption={t.keys}
            empty={t.keysEmpty}
            keyOf={({ id }) => id}
            columns={[
              {
                id: 'name',
                title: t.keyName,
                cell: ({ name, prefix }) => (
                  <>
                    <strong>{name}</strong>
                    <span className="cell-note">
                      <code>{prefix}…</code>
                    </span>
                  </>
                ),
                value: ({ name }) => name,
              },
              {
                id: 'scope',
                title: t.scope,
                cell: ({ permissions }) => permissions.map((one) => texts.permissions[one] ?? one).join(', '),
                value: ({ permissions }) => permissions.join(' '),
              },
              {
                id: 'lastUsed',
                title: t.lastUsed,
                cell: ({ lastUsedAt }) => (
                  <span className="number">{lastUsedAt === null ? t.never : time(lastUsedAt)}</span>
                ),
                value: ({ lastUsedAt }) => lastUsedAt,
              },
              {
                id: 'expires',
                title: t.expires,
                cell: (key) => <KeyExpiry apiKey={key} timezone={timezone} />,
                value: ({ expiresAt }) => expiresAt,
              },
              {
                id: 'actions',
                title: '',
                cell: (key) => (stateOf(key) === 'active' ? <RevokeKey id={key.id} name={key.name} /> : null),
                value: () => null,
              },
            ]}
          />
          <MoreRows list={keys} />
        </>
      )}
    </Panel>
  );
}

function stateOf({ revokedAt, expiresAt }: ApiKey): 'active' | 'expired' | 'revoked' {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && new Date(expiresAt) <= new Date() ? 'expired' : 'active';
}

function KeyExpiry({ apiKey, timezone }: { apiKey: ApiKey; timezone: string }) {
  const state = stateOf(apiKey);
  if (state !== 'active') return <span className="pill">{t[state]}</span>;
  return <span className="number">{apiKey.expiresAt === null ? t.never : formatDay(apiKey.expiresAt, timezone)}</span>;
}
