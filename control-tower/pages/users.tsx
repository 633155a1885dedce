import { createLazyRoute, useNavigate, useSearch } from '@tanstack/react-router';
import type { ApiProblem } from '../../ui/api.ts';
import { ActionDialog } from '../../ui/components/action-dialog.tsx';
import { type Column, DataTable } from '../../ui/components/data-table.tsx';
import { Failure } from '../../ui/components/failure.tsx';
import { TextField } from '../../ui/components/field.tsx';
import { Panel } from '../../ui/components/panel.tsx';
import { TemporaryPassword } from '../../ui/components/secret.tsx';
import { useTitle } from '../../ui/components/shell.tsx';
import { formatDay } from '../../ui/format.ts';
import { useSession } from '../../ui/session.ts';
import { texts as kit } from '../../ui/texts.ts';
import {
  changeUser,
  createUser,
  type Role,
  resetPassword,
  type User,
  useMay,
  useRefresh,
  useRoles,
  useTenants,
  useUsers,
} from '../people.ts';
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

interface Managing {
  readonly brand: string | null;
  readonly roles: readonly Role[];
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

const roleName = (id: string) => kit.roles[id] ?? id;

function RoleChange({ user, brand, roles }: Managing & { readonly user: User }) {
  const refresh = useRefresh();
  return (
    <ActionDialog
      title={texts.changeRole(user.name)}
      trigger={
        <button
          type="button"
          className="text-button"
          aria-label={`${roleName(user.role)}: ${texts.changeRole(user.name)}`}
        >
          {roleName(user.role)} <span aria-hidden="true">▾</span>
        </button>
      }
      action={kit.save}
      send={(form) => changeUser(brand, user.id, { role: String(form.get('role')) })}
      onAnswer={refresh}
    >
      {() => <RoleChoice roles={roles} chosen={user.role} />}
    </ActionDialog>
  );
}

function RoleChoice({ roles, chosen }: { readonly roles: readonly Role[]; readonly chosen?: string }) {
  return (
    <fieldset className="choices">
      <legend>{texts.role}</legend>
      {roles.map(({ id, description }, index) => (
        <label key={id} className="choice">
          <input type="radio" name="role" value={id} required defaultChecked={chosen ? id === chosen : index === 0} />
          <span>
            <strong>{roleName(id)}</strong> <small>{description}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function UserActions({ user, brand }: { readonly user: User; readonly brand: string | null }) {
  const refresh = useRefresh();
  const isActive = user.status === 'active';
  const action = isActive ? texts.disable : texts.enable;
  const toggle = () => changeUser(brand, user.id, { status: isActive ? 'disabled' : 'active' });
  return (
    <span className="actions">
      <ActionDialog
        title={isActive ? texts.disableTitle(user.name) : `${texts.enable} ${user.name}?`}
        note={isActive ? texts.disableNote : undefined}
        trigger={
          <button type="button" className="text-button" aria-label={`${action}: ${user.email}`}>
            {action}…
          </button>
        }
        action={action}
        isGrave={isActive}
        send={toggle}
        onAnswer={refresh}
      />
      <ActionDialog
        title={texts.resetTitle(user.name)}
        note={texts.resetNote}
        trigger={
          <button type="button" className="text-button" aria-label={`${texts.resetPassword}: ${user.email}`}>
            {texts.resetPassword}…
          </button>
        }
        action={texts.resetPassword}
        isGrave
        send={() => resetPassword(brand, user.id)}
        onAnswer={refresh}
        result={({ temporaryPassword }) => <TemporaryPassword name={user.name} value={temporaryPassword} />}
      />
    </span>
  );
}

function NewUser({ brand, roles }: Managing) {
  const refresh = useRefresh();
  return (
    <ActionDialog
      title={texts.newUser}
      trigger={
        <button type="button" className="button button-primary">
          {texts.newUser}
        </button>
      }
      action={texts.create}
      send={(form) => createUser(brand, form)}
      onAnswer={refresh}
      fields={['name', 'email']}
      result={({ email, temporaryPassword }) => (
        <>
          <p>{texts.userCreated(email)}</p>
          {temporaryPassword ? <TemporaryPassword name={email} value={temporaryPassword} /> : null}
        </>
      )}
    >
      {(problem) => (
        <>
          <TextField {...{ label: texts.name, name: 'name', problem }} required maxLength={200} />
          <TextField {...{ label: texts.email, name: 'email', type: 'email', problem }} required maxLength={254} />
          <RoleChoice roles={roles} />
        </>
      )}
    </ActionDialog>
  );
}
