import { texts as kit } from '../../ui/texts.ts';
import type { AuditEntry } from '../audit.ts';
import { texts } from '../texts.ts';

/** Columns that every row has and nobody asks for. */
const DULL = new Set(['tenant_id', 'id', 'created_at', 'updated_at']);

/** How many changes of an entry are shown before it is opened. */
const FEW = 3;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What an entry changed, from what to what; of personal data only the names. */
export function AuditChanges({ entry }: { readonly entry: AuditEntry }) {
  const { oldValues, newValues } = entry;
  const { columns, ...told } = newValues ?? {};
  const isNamesOnly = Array.isArray(columns);
  const after = isNamesOnly ? told : (newValues ?? {});
  const names = [...new Set([...Object.keys(oldValues ?? {}), ...Object.keys(after)])].filter(
    (name) => !DULL.has(name),
  );
  const hidden = Math.max(0, names.length - FEW) + (isNamesOnly ? columns.length : 0);
  const list = (some: readonly string[]) => some.map((name) => <Change key={name} {...{ name, oldValues, after }} />);
  if (hidden === 0) return <div className="changes">{list(names)}</div>;
  return (
    <details className="changes">
      <summary>
        {list(names.slice(0, FEW))} <span className="change-more">{texts.andMore(hidden)}</span>
      </summary>
      {list(names.slice(FEW))}
      {isNamesOnly ? (
        <p className="alert-note">
          {columns.join(', ')} {texts.columnsChanged}
        </p>
      ) : null}
    </details>
  );
}

interface ChangeProps {
  readonly name: string;
  readonly oldValues: AuditEntry['oldValues'];
  readonly after: Readonly<Record<string, unknown>>;
}

function Change({ name, oldValues, after }: ChangeProps) {
  const [was, is] = [oldValues !== null && name in oldValues, name in after];
  return (
    <span className="change-item">
      <span className="changed-name">{name}</span> {was ? <del>{shown(name, oldValues?.[name])}</del> : null}
      {was && is ? <span aria-hidden="true"> → </span> : null}
      {is ? <ins>{shown(name, after[name])}</ins> : null}
    </span>
  );
}

function shown(name: string, value: unknown): string {
  if (/^role(_id)?$/.test(name)) return kit.roles[String(value)] ?? String(value);
  if (value === null || value === undefined) return '–';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return UUID.test(text) ? `…${text.slice(-8)}` : text;
}
