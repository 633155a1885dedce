import { DataTable } from '../../../ui/components/data-table.tsx';
import { MoreRows } from '../../../ui/components/more-rows.tsx';
import { Panel } from '../../../ui/components/panel.tsx';
import { formatDay } from '../../../ui/format.ts';
import { usePages } from '../../../ui/pages.ts';
import type { Session } from '../../../ui/session.ts';
import { texts } from '../../texts.ts';
import { NewUser, UserActions } from './user-actions.tsx';
import type { User } from './users.ts';

const t = texts.settings;

/** Who works here; for those who may: add, change, disable, give a new password. */
export function UsersPanel({ session, timezone }: { readonly session: Session; readonly timezone: string }) {
  const users = usePages<User>({ key: 'users', path: '/api/v1/users' });
  const mayManage = session.permissions.includes('users.manage');
  return (
    <Panel
      title={t.users}
      of={users.data}
      awaited={{ rows: 4, rowHeight: 51 }}
      problem={users.error}
      retry={() => void users.refetch()}
      tools={mayManage ? <NewUser session={session} /> : null}
    >
      {(shown) => (
        <>
          <DataTable
            rows={shown}
            caption={t.users}
            empty={t.usersEmpty}
            keyOf={({ id }) => id}
            columns={[
              {
                id: 'name',
                title: t.person,
                cell: ({ id, name, email }) => (
                  <>
                    <strong>{name}</strong> {id === session.user?.id ? <span className="pill">{t.you}</span> : null}
                    <span className="cell-note">{email}</span>
                  </>
                ),
                value: ({ name }) => name,
              },
              {
                id: 'role',
                title: t.role,
                cell: ({ role }) => texts.roles[role] ?? role,
                value: ({ role }) => role,
              },
              {
                id: 'status',
                title: t.status,
                cell: (user) => <UserStatus user={user} timezone={timezone} />,
                value: ({ status }) => status,
              },
              {
                id: 'actions',
                title: '',
                cell: (user) =>
                  mayManage && user.id !== session.user?.id ? <UserActions user={user} session={session} /> : null,
                value: () => null,
              },
            ]}
          />
          <MoreRows list={users} />
        </>
      )}
    </Panel>
  );
}

function UserStatus({ user: { status, passwordExpiresAt }, timezone }: { user: User; timezone: string }) {
  const hasRunOut = passwordExpiresAt !== null && new Date(passwordExpiresAt) <= new Date();
  return (
    <>
      <span className="pill" data-tone={status === 'active' ? 'good' : undefined}>
        {t[status]}
      </span>
      {status === 'active' && passwordExpiresAt !== null ? (
        <span className="cell-note">
          {hasRunOut ? t.temporaryExpired : t.temporaryUntil(formatDay(passwordExpiresAt, timezone))}
        </span>
      ) : null}
    </>
  );
}
