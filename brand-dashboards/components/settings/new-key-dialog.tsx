import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { type ApiProblem, api } from '../../../ui/api.ts';
import { Failure } from '../../../ui/components/failure.tsx';
import { Field, isOfForm } from '../../../ui/components/field.tsx';
import { FormDialog } from '../../../ui/components/form-dialog.tsx';
import type { Session } from '../../../ui/session.ts';
import { texts as kit } from '../../../ui/texts.ts';
import { texts } from '../../texts.ts';
import { ShownOnce } from './shown-once.tsx';

const t = texts.settings;
const FIELDS = ['name', 'expiresAt'];
const DAY_MS = 86_400_000;

export interface NewKeyDialogProps {
  readonly session: Session;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Creates a key with some of one's own rights, and shows it once. */
export function NewKeyDialog({ session, isOpen, onClose }: NewKeyDialogProps) {
  return (
    <FormDialog title={t.createKey} isOpen={isOpen} onClose={onClose}>
      <NewKeyForm session={session} onClose={onClose} />
    </FormDialog>
  );
}

interface NewKey {
  readonly name: string;
  readonly permissions: readonly string[];
  readonly expiresAt: string;
}

function NewKeyForm({ session, onClose }: Omit<NewKeyDialogProps, 'isOpen'>) {
  const queries = useQueryClient();
  const [lacksScope, setLacksScope] = useState(false);
  const create = useMutation<{ name: string; key: string }, ApiProblem, NewKey>({
    mutationFn: (body) => api('/api/v1/api-keys', { method: 'POST', body }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['api-keys'] }),
  });
  if (create.isSuccess) {
    const { name, key } = create.data;
    return <ShownOnce label={t.keyOnce(name)} value={key} hint={t.keyOnceHint} onClose={onClose} />;
  }
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const permissions = form.getAll('permission').map(String);
    setLacksScope(permissions.length === 0);
    if (permissions.length === 0) return;
    const expiresAt = new Date(Date.now() + Number(form.get('days')) * DAY_MS).toISOString();
    create.mutate({ name: String(form.get('name')).trim(), permissions, expiresAt });
  };
  const { error: problem } = create;
  return (
    <form className="form" onSubmit={submit}>
      <Field label={t.keyName} name="name" problem={problem} hint={t.keyNameHint}>
        {(control) => <input {...control} required maxLength={100} autoComplete="off" />}
      </Field>
      <fieldset className="choices">
        <legend>{t.scope}</legend>
        {Object.entries(texts.permissions)
          .filter(([id]) => session.permissions.includes(id))
          .map(([id, name]) => (
            <label key={id} className="choice">
              <input type="checkbox" name="permission" value={id} />
              {name}
            </label>
          ))}
        {lacksScope ? (
          <p className="field-error" role="alert">
            {t.chooseScope}
          </p>
        ) : null}
      </fieldset>
      <Field label={t.expires} name="days">
        {(control) => (
          <select {...control} defaultValue="90">
            {Object.entries(t.expiresIn).map(([days, name]) => (
              <option key={days} value={days}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      {isOfForm(problem, FIELDS) ? <Failure problem={problem} /> : null}
      <div className="form-actions">
        <button type="button" className="button" onClick={onClose}>
          {kit.cancel}
        </button>
        <button type="submit" className="button button-primary" disabled={create.isPending}>
          {t.createKey}
        </button>
      </div>
    </form>
  );
}
