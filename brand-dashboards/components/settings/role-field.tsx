import type { ApiProblem } from '../../../ui/api.ts';
import { Field } from '../../../ui/components/field.tsx';
import type { Session } from '../../../ui/session.ts';
import { texts } from '../../texts.ts';
import { useRoles } from './users.ts';

export interface RoleFieldProps {
  readonly session: Session;
  readonly value: string;
  readonly onChange: (role: string) => void;
  readonly problem: ApiProblem | null;
}

/** Roles that may no more than who gives them: others would be refused. */
export function RoleField({ session, value, onChange, problem }: RoleFieldProps) {
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
        <select {...control} value={value} onChange={(event) => onChange(event.target.value)}>
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
