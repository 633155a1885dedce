import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../../ui/api.ts';
import { ActionDialog } from '../../../ui/components/action-dialog.tsx';
import { Field, TextField } from '../../../ui/components/field.tsx';
import { ShownOnce } from '../../../ui/components/secret.tsx';
import type { Session } from '../../../ui/session.ts';
import { texts } from '../../texts.ts';

const t = texts.settings;
const DAY_MS = 86_400_000;

function useRefresh() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ['api-keys'] });
}

/** Creates a key with some of one's own rights, and shows it once. */
export function NewKey({ session }: { readonly session: Session }) {
  const [lacksScope, setLacksScope] = useState(false);
  return (
    <ActionDialog
      {...{ title: t.createKey, action: t.createKey, fields: ['name', 'expiresAt'] }}
      trigger={
        <button type="button" className="button">
          {t.createKey}
        </button>
      }
      isComplete={(form) => {
        setLacksScope(!form.has('permission'));
        return form.has('permission');
      }}
      send={createKey}
      onAnswer={useRefresh()}
      result={({ name, key }) => <ShownOnce label={t.keyOnce(name)} value={key} hint={t.keyOnceHint} />}
    >
      {(problem) => (
        <>
          <TextField {...{ label: t.keyName, name: 'name', problem, hint: t.keyNameHint }} required maxLength={100} />
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
        </>
      )}
    </ActionDialog>
  );
}

function createKey(form: FormData): Promise<{ name: string; key: string }> {
  const body = {
    name: String(form.get('name')).trim(),
    permissions: form.getAll('permission').map(String),
    expiresAt: new Date(Date.now() + Number(form.get('days')) * DAY_MS).toISOString(),
  };
  return api('/api/v1/api-keys', { method: 'POST', body });
}

export function RevokeKey({ id, name }: { readonly id: string; readonly name: string }) {
  return (
    <div className="row-actions">
      <ActionDialog
        {...{ title: t.revoke, action: t.revoke, isGrave: true, note: t.revokeQuestion(name) }}
        trigger={
          <button type="button" className="text-button" aria-label={`${t.revoke}: ${name}`}>
            {t.revoke}
          </button>
        }
        send={() => api(`/api/v1/api-keys/${id}/revoke`, { method: 'POST' })}
        onAnswer={useRefresh()}
      />
    </div>
  );
}
