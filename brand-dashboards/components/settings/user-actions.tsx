import { useQueryClient } from '@tanstack/react-query';
import { api } from '../../../ui/api.ts';
import { ActionDialog } from '../../../ui/components/action-dialog.tsx';
import { TextField } from '../../../ui/components/field.tsx';
import { TemporaryPassword } from '../../../ui/components/secret.tsx';
import type { Session } from '../../../ui/session.ts';
import { texts as kit } from '../../../ui/texts.ts';
import { texts } from '../../texts.ts';
import { RoleField } from './role-field.tsx';
import { changeUser, type User } from './users.ts';

const t = texts.settings;
const text = (form: FormData, name: string) => String(form.get(name) ?? '').trim();

/** What can be done to somebody else. */
export function UserActions({ user, session }: { readonly user: User; readonly session: Session }) {
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: ['users'] });
  const isActive = user.status === 'active';
  const trigger = (label: string) => (
    <button type="button" className="text-button" aria-label={`${label}: ${user.name}`}>
      {label}
    </button>
  );
  return (
    <div className="row-actions">
      <ActionDialog
        {...{ title: t.editUser(user.name), trigger: trigger(t.edit), action: kit.save, fields: ['name', 'role'] }}
        send={(form) => changeUser(user, { name: text(form, 'name'), role: text(form, 'role') })}
        onAnswer={refresh}
      >
        {(problem) => (
          <>
            <TextField
              {...{ label: t.person, name: 'name', problem, defaultValue: user.name }}
              required
              maxLength={200}
            />
            <RoleField session={session} chosen={user.role} problem={problem} />
          </>
        )}
      </ActionDialog>
      {isActive ? (
        <ActionDialog
          {...{ title: t.resetPassword, trigger: trigger(t.resetPassword), action: t.resetPassword, isGrave: true }}
          note={t.resetQuestion(user.name)}
          send={() => api<{ temporaryPassword: string }>(`/api/v1/users/${user.id}/reset-password`, { method: 'POST' })}
          onAnswer={refresh}
          result={({ temporaryPassword }) => <TemporaryPassword name={user.name} value={temporaryPassword} />}
        />
      ) : null}
      <ActionDialog
        {...{ title: isActive ? t.disable : t.enable, action: isActive ? t.disable : t.enable, isGrave: isActive }}
        trigger={trigger(isActive ? t.disable : t.enable)}
        note={isActive ? t.disableQuestion(user.name) : t.enableQuestion(user.name)}
        send={() => changeUser(user, { status: isActive ? 'disabled' : 'active' })}
        onAnswer={refresh}
      />
    </div>
  );
}

/** Adds somebody, and shows their temporary password once. */
export function NewUser({ session }: { readonly session: Session }) {
  const queries = useQueryClient();
  return (
    <ActionDialog
      {...{ title: t.addUser, action: t.addUser, fields: ['name', 'email', 'role'] }}
      trigger={
        <button type="button" className="button">
          {t.addUser}
        </button>
      }
      send={(form) =>
        api<User & { temporaryPassword: string }>('/api/v1/users', {
          method: 'POST',
          body: Object.fromEntries(['name', 'email', 'role'].map((name) => [name, text(form, name)])),
        })
      }
      onAnswer={() => queries.invalidateQueries({ queryKey: ['users'] })}
      result={({ name, temporaryPassword }) => <TemporaryPassword name={name} value={temporaryPassword} />}
    >
      {(problem) => (
        <>
          <TextField {...{ label: t.person, name: 'name', problem }} required maxLength={200} />
          <TextField {...{ label: t.email, name: 'email', type: 'email', problem }} required maxLength={254} />
          <RoleField session={session} chosen="operator" problem={problem} />
        </>
      )}
    </ActionDialog>
  );
}
