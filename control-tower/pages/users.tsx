import { createLazyRoute, useNavigate, useSearch } from '@tanstack/react-router';
import type { ApiProblem } from '../../ui/api.ts';
import { type Column, DataTable } from '../../ui/components/data-table.tsx';
import { Failure } from '../../ui/components/failure.tsx';
import { Panel } from '../../ui/components/panel.tsx';
import { useTitle } from '../../ui/components/shell.tsx';
import { formatDay } from '../../ui/format.ts';
import { useSession } from '../../ui/session.ts';
import { type Managing, NewUser, RoleChange, roleName, UserActions } from '../components/user-dialogs.tsx';
import { type User, useMay, useRoles, useTenants, useUsers } from '../people.ts';
import { texts } from '../texts.ts';

export const route = createLazyRoute('/users')({ component: Users });

function Users() {
  useTitle(texts.pages.users, texts.product);
  const search = useSearch({ strict: false }) as { of?: string };
  const brand = typeof search.of === 'string' && search.of !== '' ? search.of : null;
  const navigate = useNavigate();
  const tenants = useTenants();
  const roles = (useRoles().data ?? []).filter(({ scope }) => (scope === 'platform') === (brand === null));
  const { data, error, refetch } = useUsers(brand);
  const mayManage = useMay('users.manage');
  const me = useSession()?.user?.id;
  return (
    <>
      <header className="page-head">
        <h1>{texts.pages.users}</h1>
        <div className="period-picker">
          <label className="select">
            <span className="visually-hidden">{texts.usersOf}</span>
            <select
              value={brand ?? ''}
              onChange={(event) =>
                void navigate({ to: '/users', search: event.target.value ? { of: event.target.value } : {} })
              }
            >
              <option value="">{texts.platform}</option>
              {(tenants.data ?? []).map(({ slug, name }) => (
                <option key={slug} value={slug}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          {mayManage ? <NewUser brand={brand} roles={roles} /> : null}
        </div>
      </header>
      {mayManage ? null : <p className="page-note">{texts.readOnly}</p>}
      {error ? (
        <Failure problem={error as ApiProblem} retry={() => void refetch()} />
      ) : (
        <Panel title={texts.pages.users} isUntitled of={data} awaited={{ rows: 3 }}>
          {(shown) => (
            <DataTable
              rows={shown}
              caption={texts.pages.users}
              empty={texts.noUsers}
              keyOf={({ id }) => id}
              columns={columnsOf(me, mayManage ? { brand, roles } : null)}
            />
          )}
        </Panel>
      )}
    </>
  );
}

function columnsOf(me: string | undefined, managing: Managing | null): Column<User>[] {
  return [
    {
      id: 'name',
      title: texts.name,
      cell: ({ id, name }) => (
        <>
          <strong>{name}</strong> {id === me ? texts.you : null}
        </>
      ),
      value: ({ name }) => name,
    },
    { id: 'email', title: texts.email, cell: ({ email }) => email, value: ({ email }) => email },
    {
      id: 'role',
      title: texts.role,
      cell: (user) =>
        managing === null ? (
          roleName(user.role)
        ) : (
          <RoleChange user={user} brand={managing.brand} roles={managing.roles} />
        ),
      value: ({ role }) => role,
    },
    {
      id: 'status',
      title: texts.status,
      cell: ({ status, passwordExpiresAt }) => (
        <span className="pill" data-tone={status === 'active' ? 'good' : 'off'}>
          {texts.userStatus[status]}
          {status === 'active' && passwordExpiresAt !== null ? ` · ${texts.passwordExpires}` : ''}
        </span>
      ),
      value: ({ status }) => status,
    },
    {
      id: 'created',
      title: texts.created,
      isNumber: true,
      cell: ({ createdAt }) => formatDay(createdAt, 'UTC'),
      value: ({ createdAt }) => createdAt,
    },
    ...(managing === null
      ? []
      : [
          {
            id: 'do',
            title: '',
            cell: (user: User) => <UserActions user={user} brand={managing.brand} />,
            value: () => null,
          },
        ]),
  ];
}
