import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { type ApiProblem, api } from '../../../ui/api.ts';
import { Failure } from '../../../ui/components/failure.tsx';
import { Field, isOfForm } from '../../../ui/components/field.tsx';
import { FormDialog } from '../../../ui/components/form-dialog.tsx';
import type { Session } from '../../../ui/session.ts';
import { texts as kit } from '../../../ui/texts.ts';
import { texts } from '../../texts.ts';
import { RoleField } from './role-field.tsx';
import { ShownOnce } from './shown-once.tsx';
import type { User } from './users.ts';

const t = texts.settings;
const FIELDS = ['name', 'email', 'role'];

export interface NewUserDialogProps {
  readonly session: Session;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Adds somebody, and shows their temporary password once. */
export function NewUserDialog({ session, isOpen, onClose }: NewUserDialogProps) {
  return (
    <FormDialog title={t.addUser} isOpen={isOpen} onClose={onClose}>
      <NewUserForm session={session} onClose={onClose} />
    </FormDialog>
  );
}

function NewUserForm({ session, onClose }: Omit<NewUserDialogProps, 'isOpen'>) {
  const queries = useQueryClient();
  const [role, setRole] = useState('operator');
  const create = useMutation<User & { temporaryPassword: string }, ApiProblem, Pick<User, 'name' | 'email' | 'role'>>({
    mutationFn: (body) => api('/api/v1/users', { method: 'POST', body }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['users'] }),
  });
  if (create.isSuccess) {
    const { name, temporaryPassword } = create.data;
    return (
      <ShownOnce label={t.passwordOnce(name)} value={temporaryPassword} hint={t.passwordOnceHint} onClose={onClose} />
    );
  }
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    create.mutate({ name: String(form.get('name')).trim(), email: String(form.get('email')).trim(), role });
  };
  const { error: problem } = create;
  return (
    <form className="form" onSubmit={submit}>
      <Field label={t.person} name="name" problem={problem}>
        {(control) => <input {...control} required maxLength={200} autoComplete="off" />}
      </Field>
      <Field label={t.email} name="email" problem={problem}>
        {(control) => <input {...control} type="email" required maxLength={254} autoComplete="off" />}
      </Field>
      <RoleField session={session} value={role} onChange={setRole} problem={problem} />
      {isOfForm(problem, FIELDS) ? <Failure problem={problem} /> : null}
      <div className="form-actions">
        <button type="button" className="button" onClick={onClose}>
          {kit.cancel}
        </button>
        <button type="submit" className="button button-primary" disabled={create.isPending}>
          {t.addUser}
        </button>
      </div>
    </form>
  );
}
