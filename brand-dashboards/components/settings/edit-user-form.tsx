import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { ApiProblem } from '../../../ui/api.ts';
import { Failure } from '../../../ui/components/failure.tsx';
import { Field, isOfForm } from '../../../ui/components/field.tsx';
import type { Session } from '../../../ui/session.ts';
import { texts as kit } from '../../../ui/texts.ts';
import { texts } from '../../texts.ts';
import { RoleField } from './role-field.tsx';
import { changeUser, type User } from './users.ts';

const FIELDS = ['name', 'role'];

export interface EditUserFormProps {
  readonly user: User;
  readonly session: Session;
  readonly onClose: () => void;
}

/** Changes name and role. */
export function EditUserForm({ user, session, onClose }: EditUserFormProps) {
  const queries = useQueryClient();
  const [role, setRole] = useState(user.role);
  const change = useMutation<User, ApiProblem, Pick<User, 'name' | 'role'>>({
    mutationFn: (changes) => changeUser(user, changes),
    onSuccess: onClose,
    onSettled: () => queries.invalidateQueries({ queryKey: ['users'] }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    change.mutate({ name: String(new FormData(event.currentTarget).get('name')).trim(), role });
  };
  const { error: problem } = change;
  return (
    <form className="form" onSubmit={submit}>
      <Field label={texts.settings.person} name="name" problem={problem}>
        {(control) => <input {...control} required maxLength={200} defaultValue={user.name} />}
      </Field>
      <RoleField session={session} value={role} onChange={setRole} problem={problem} />
      {isOfForm(problem, FIELDS) ? <Failure problem={problem} /> : null}
      <div className="form-actions">
        <button type="button" className="button" onClick={onClose}>
          {kit.cancel}
        </button>
        <button type="submit" className="button button-primary" disabled={change.isPending}>
          {kit.save}
        </button>
      </div>
    </form>
  );
}
