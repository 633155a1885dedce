import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type ApiProblem, api } from '../../../ui/api.ts';
import { FormDialog } from '../../../ui/components/form-dialog.tsx';
import type { Session } from '../../../ui/session.ts';
import { texts } from '../../texts.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { EditUserForm } from './edit-user-form.tsx';
import { ShownOnce } from './shown-once.tsx';
import { changeUser, type User } from './users.ts';

const t = texts.settings;

/** What can be done to somebody else. */
export function UserActions({ user, session }: { readonly user: User; readonly session: Session }) {
  const [open, setOpen] = useState<'edit' | 'disable' | 'reset' | null>(null);
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: ['users'] });
  const setStatus = useMutation<User, ApiProblem, User['status']>({
    mutationFn: (status) => changeUser(user, { status }),
    onSuccess: () => setOpen(null),
    onSettled: refresh,
  });
  const reset = useMutation<{ temporaryPassword: string }, ApiProblem>({
    mutationFn: () => api(`/api/v1/users/${user.id}/reset-password`, { method: 'POST' }),
    onSuccess: refresh,
  });
  const close = () => {
    setOpen(null);
    setStatus.reset();
    reset.reset();
  };
  const isActive = user.status === 'active';
  return (
    <div className="row-actions">
      <Action label={t.edit} of={user} onClick={() => setOpen('edit')} />
      {isActive ? <Action label={t.resetPassword} of={user} onClick={() => setOpen('reset')} /> : null}
      <Action
        label={isActive ? t.disable : t.enable}
        of={user}
        onClick={() => (isActive ? setOpen('disable') : setStatus.mutate('active'))}
      />
      <FormDialog title={t.editUser(user.name)} isOpen={open === 'edit'} onClose={close}>
        <EditUserForm user={user} session={session} onClose={close} />
      </FormDialog>
      <ConfirmDialog
        title={t.disable}
        question={t.disableQuestion(user.name)}
        isOpen={open === 'disable'}
        isPending={setStatus.isPending}
        problem={setStatus.error}
        onConfirm={() => setStatus.mutate('disabled')}
        onClose={close}
      />
      <ConfirmDialog
        title={t.resetPassword}
        question={t.resetQuestion(user.name)}
        isOpen={open === 'reset' && !reset.isSuccess}
        isPending={reset.isPending}
        problem={reset.error}
        onConfirm={() => reset.mutate()}
        onClose={close}
      />
      <FormDialog title={t.resetPassword} isOpen={open === 'reset' && reset.isSuccess} onClose={close}>
        <ShownOnce
          label={t.passwordOnce(user.name)}
          value={reset.data?.temporaryPassword ?? ''}
          hint={t.passwordOnceHint}
          onClose={close}
        />
      </FormDialog>
    </div>
  );
}

function Action({ label, of, onClick }: { label: string; of: User; onClick: () => void }) {
  return (
    <button type="button" className="text-button" aria-label={`${label}: ${of.name}`} onClick={onClick}>
      {label}
    </button>
  );
}
