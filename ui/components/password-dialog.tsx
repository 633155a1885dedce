import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { type ApiProblem, api } from '../api.ts';
import { texts } from '../texts.ts';
import { Failure } from './failure.tsx';
import { Field, isOfForm, TextField } from './field.tsx';
import { FormDialog } from './form-dialog.tsx';

const FIELDS = ['currentPassword', 'newPassword'];

/** Whoever is signed in chooses another password (POST /api/v1/auth/password). */
export function PasswordDialog({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  return (
    <FormDialog title={texts.password.change} isOpen={isOpen} onClose={onClose}>
      <PasswordForm onClose={onClose} />
    </FormDialog>
  );
}

function PasswordForm({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient();
  const [differs, setDiffers] = useState(false);
  const change = useMutation<unknown, ApiProblem, { currentPassword: string; newPassword: string }>({
    mutationFn: (body) => api('/api/v1/auth/password', { method: 'POST', body }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['session'] }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [currentPassword, newPassword] = [String(form.get('currentPassword')), String(form.get('newPassword'))];
    const isSame = newPassword === form.get('again');
    setDiffers(!isSame);
    if (isSame) change.mutate({ currentPassword, newPassword });
  };
  if (change.isSuccess) {
    return (
      <>
        <p className="done" role="status">
          {texts.password.done}
        </p>
        <div className="form-actions">
          <button type="button" className="button" onClick={onClose}>
            {texts.close}
          </button>
        </div>
      </>
    );
  }
  const { error: problem } = change;
  return (
    <form className="form" onSubmit={submit}>
      <TextField
        {...{ label: texts.password.current, name: 'currentPassword', problem }}
        {...{ type: 'password', required: true, autoComplete: 'current-password' }}
      />
      <TextField
        {...{ label: texts.password.next, name: 'newPassword', problem, hint: texts.password.hint }}
        {...{ type: 'password', required: true, minLength: 12, autoComplete: 'new-password' }}
      />
      <Field label={texts.password.again} name="again" hint={differs ? texts.password.differs : undefined}>
        {(control) => (
          <input {...control} type="password" required aria-invalid={differs} autoComplete="new-password" />
        )}
      </Field>
      {isOfForm(problem, FIELDS) ? <Failure problem={problem} /> : null}
      <div className="form-actions">
        <button type="button" className="button" onClick={onClose}>
          {texts.cancel}
        </button>
        <button type="submit" className="button button-primary" disabled={change.isPending}>
          {texts.password.change}
        </button>
      </div>
    </form>
  );
}
