import { Problem } from '../problem.ts';

/** Constraint of the database → the field at fault and what to tell the client. Each room has one such table. */
export type Constraints = Readonly<Record<string, readonly [path: string, message: string]>>;

/** Runs `work`; a violation of one of these constraints becomes a 409 that names the field. */
export async function refusing<T>(constraints: Constraints, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const name = (cause as { constraint?: unknown } | null)?.constraint;
    const known = typeof name === 'string' && Object.hasOwn(constraints, name) ? constraints[name] : undefined;
    if (known === undefined) throw cause;
    throw conflict(known[0], known[1], cause);
  }
}

/** A 409 that names a field. */
export function conflict(path: string, message: string, cause?: unknown): Problem {
  return new Problem('conflict', `${path}: ${message}`, { errors: [{ path, message }], cause });
}

/** Runs `work` on a part of the body: problems it throws name their fields below `path`. */
export async function within<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Problem) || error.errors.length === 0) throw error;
    const errors = error.errors.map((field) => ({ ...field, path: `${path}.${field.path}` }));
    const detail = errors.map((field) => `${field.path}: ${field.message}`).join('; ');
    throw new Problem(error.type, detail, { errors, headers: error.headers, members: error.members, cause: error });
  }
}
