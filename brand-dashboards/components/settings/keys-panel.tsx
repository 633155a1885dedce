import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type ApiProblem, api } from '../../../ui/api.ts';
import { DataTable } from '../../../ui/components/data-table.tsx';
import { Panel } from '../../../ui/components/panel.tsx';
import { formatDay, formatTime } from '../../../ui/format.ts';
import type { Session } from '../../../ui/session.ts';
import { texts } from '../../texts.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { NewKeyDialog } from './new-key-dialog.tsx';
import { usePages } from './users.ts';

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
  const keys = usePages<ApiKey>('api-keys', '/api/v1/api-keys');
  const [isCreating, setCreating] = useState(false);
  const time = (at: string) => formatTime(at, timezone, false);
  return (
    <Panel
      title={t.keys}
      hint={t.keysHint}
      of={keys.data}
      awaited={{ rows: 2 }}
      problem={keys.error}
      retry={() => void keys.refetch()}
      tools={
        <button type="button" className="button" onClick={() => setCreating(true)}>
          {t.createKey}
        </button>
      }
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
                cell: (key) => (stateOf(key) === 'active' ? <RevokeKey apiKey={key} /> : null),
                value: () => null,
              },
            ]}
          />
          {keys.hasNextPage ? (
            <button type="button" className="button" onClick={() => void keys.fetchNextPage()}>
              {t.more}
            </button>
          ) : null}
          <NewKeyDialog isOpen={isCreating} onClose={() => setCreating(false)} session={session} />
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

function RevokeKey({ apiKey: { id, name } }: { readonly apiKey: ApiKey }) {
  const [isAsking, setAsking] = useState(false);
  const queries = useQueryClient();
  const revoke = useMutation<unknown, ApiProblem>({
    mutationFn: () => api(`/api/v1/api-keys/${id}/revoke`, { method: 'POST' }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['api-keys'] }),
  });
  return (
    <div className="row-actions">
      <button type="button" className="text-button" aria-label={`${t.revoke}: ${name}`} onClick={() => setAsking(true)}>
        {t.revoke}
      </button>
      <ConfirmDialog
        title={t.revoke}
        question={t.revokeQuestion(name)}
        isOpen={isAsking}
        isPending={revoke.isPending}
        problem={revoke.error}
        onConfirm={() => revoke.mutate()}
        onClose={() => setAsking(false)}
      />
    </div>
  );
}
