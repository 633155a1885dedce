import { texts as kit } from '../../ui/texts.ts';
import type { AuditEntry } from '../audit.ts';
import { texts } from '../texts.ts';

/** Columns that every row has and nobody asks for. */
const DULL = new Set(['tenant_id', 'id', 'created_at', 'updated_at']);

/** What an entry changed, from what to what; of personal data only the names. */
export function AuditChanges({ entry }: { readonly entry: AuditEntry }) {
  const { oldValues, newValues } = entry;
  const { columns, ...told } = newValues ?? {};
  const isNamesOnly = Array.isArray(columns);
  const after = isNamesOnly ? told : (newValues ?? {});
  const names = [...new Set([...Object.keys(oldValues ?? {}), ...Object.keys(after)])].filter(
    (name) => !DULL.has(name),
  );
  return (
    <div className="changes">
      {isNamesOnly ? (
        <p className="alert-note">
          {columns.join(', ')} {texts.columnsChanged}
        </p>
      ) : null}
      {names.length > 0 ? (
        <ul>
          {names.map((name) => (
            <li key={name}>
              <span className="changed-name">{name}</span>
              {oldValues && name in oldValues ? <del>{shown(name, oldValues[name])}</del> : null}
              {oldValues && name in oldValues && name in after ? <span aria-hidden="true">→</span> : null}
              {name in after ? <ins>{shown(name, after[name])}</ins> : null}
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

function shown(name: string, value: unknown): string {
  if (/^role(_id)?$/.test(name)) return kit.roles[String(value)] ?? String(value);
  if (value === null || value === undefined) return '–';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
