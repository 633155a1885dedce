import { ActionDialog } from '../../ui/components/action-dialog.tsx';
import { TextField } from '../../ui/components/field.tsx';
import { TemporaryPassword } from '../../ui/components/secret.tsx';
import { texts as kit } from '../../ui/texts.ts';
import { changeUser, createUser, type Role, resetPassword, type User, useRefresh } from '../people.ts';
import { texts } from '../texts.ts';

export interface Managing {
  /** Whose users: a slug; null: the platform's. */
  readonly brand: string | null;
  readonly roles: readonly Role[];
}

export const roleName = (id: string) => kit.roles[id] ?? id;

/** A role that leads to its change. */
export function RoleChange({ user, brand, roles }: Managing & { readonly user: User }) {
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

/** What can be done to somebody. */
export function UserActions({ user, brand }: { readonly user: User; readonly brand: string | null }) {
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

/** Adds somebody, and shows their temporary password once. */
export function NewUser({ brand, roles }: Managing) {
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
