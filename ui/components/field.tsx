import { type InputHTMLAttributes, type ReactNode, useId } from 'react';
import type { ApiProblem } from '../api.ts';
import '../forms.css';

export interface FieldProps {
  readonly label: string;
  /** As the API names it: what it says is wrong with it is shown here. */
  readonly name: string;
  readonly problem?: ApiProblem | null;
  readonly hint?: ReactNode;
  /** The control, with the attributes that tie it to its label, hint and error. */
  readonly children: (control: {
    id: string;
    name: string;
    'aria-describedby': string;
    'aria-invalid': boolean;
  }) => ReactNode;
}

/** One input of a form, with its label, a hint, and what was wrong with it. */
export function Field({ label, name, problem, hint, children }: FieldProps) {
  const id = useId();
  const error = problem?.errors.find(({ path }) => path === name)?.message;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, name, 'aria-describedby': `${id}-note`, 'aria-invalid': error !== undefined })}
      {(error ?? hint) ? (
        <span id={`${id}-note`} className={error === undefined ? 'field-hint' : 'field-error'}>
          {error ?? hint}
        </span>
      ) : null}
    </div>
  );
}

export type TextFieldProps = Omit<FieldProps, 'children'> & InputHTMLAttributes<HTMLInputElement>;

/** A field whose control is an input. */
export function TextField({ label, name, problem, hint, ...input }: TextFieldProps) {
  return (
    <Field {...{ label, name, problem, hint }}>
      {(control) => <input autoComplete="off" {...input} {...control} />}
    </Field>
  );
}

/** A problem that no field of the form can show by itself. */
export function isOfForm(problem: ApiProblem | null, fields: readonly string[]): problem is ApiProblem {
  return problem !== null && !problem.errors.some(({ path }) => fields.includes(path));
}
