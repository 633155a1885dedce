import { useState } from 'react';
import type { ApiProblem } from '../../../ui/api.ts';
import { Field } from '../../../ui/components/field.tsx';
import type { Session } from '../../../ui/session.ts';
import { texts } from '../../texts.ts';
import { useRoles } from './users.ts';

export interface RoleFieldProps {
  readonly session: Session;
  readonly chosen: string;
  readonly problem: ApiProblem | null;
}

/** Roles that may no more than who gives them: others would be refused. */
export function RoleField({ session, chosen, problem }: RoleFieldProps) {
  const [value, setValue] = useState(chosen);
  const { data } = useRoles();
  const mine = new Set(session.permissions);
  const roles = data?.items.filter(({ permissions }) => permissions.every((one) => mine.has(one))) ?? [];
  return (
    <Field
      label={texts.settings.role}
      name="role"
      problem={problem}
      hint={roles.find(({ id }) => id === value)?.description}
    >
      {(control) => (
        <select {...control} value={value} onChange={(event) => setValue(event.target.value)}>
          {(roles.length > 0 ? roles.map(({ id }) => id) : [value]).map((id) => (
            <option key={id} value={id}>
              {texts.roles[id] ?? id}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
