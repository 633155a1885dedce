import { useMutation } from '@tanstack/react-query';
import { createLazyRoute, useNavigate, useSearch } from '@tanstack/react-router';
import type { FormEvent } from 'react';
import type { ApiProblem } from '../../ui/api.ts';
import { type Column, DataTable } from '../../ui/components/data-table.tsx';
import { Failure } from '../../ui/components/failure.tsx';
import { TextField } from '../../ui/components/field.tsx';
import { MoreRows } from '../../ui/components/more-rows.tsx';
import { Panel } from '../../ui/components/panel.tsx';
import { useTitle } from '../../ui/components/shell.tsx';
import { formatTime } from '../../ui/format.ts';
import { type AuditEntry, type AuditFilters, exportAudit, filtersOf, useAuditEntries } from '../audit.ts';
import { AuditChanges } from '../components/audit-changes.tsx';
import { useTenants } from '../people.ts';
import { texts } from '../texts.ts';

export const route = createLazyRoute('/audit')({ component: Audit });

const ACTIONS = [
  ...['CREATE', 'UPDATE', 'DELETE', 'IMPORT', 'SIGN_IN', 'SIGN_IN_REFUSED', 'SIGN_IN_LIMITED', 'SIGN_OUT'],
  ...['TOKEN_REUSE', 'PASSWORD_REFUSED', 'ACCESS_REFUSED'],
];

function Audit() {
  useTitle(texts.pages.audit, texts.product);
  const filters = filtersOf(useSearch({ strict: false }) as Record<string, unknown>);
  const navigate = useNavigate();
  const set = (change: AuditFilters) => void navigate({ to: '/audit', search: change as never });
  const slugs = new Map((useTenants().data ?? []).map(({ id, slug }) => [id, slug]));
  const entries = useAuditEntries(filters);
  const saving = useMutation({ mutationFn: () => exportAudit(filters) });
  return (
    <>
      <header className="page-head">
        <h1>{texts.pages.audit}</h1>
        <button type="button" className="button" disabled={saving.isPending} onClick={() => saving.mutate()}>
          {saving.isPending ? texts.exporting : texts.export}
        </button>
      </header>
      <Filters key={JSON.stringify(filters)} filters={filters} slugs={[...slugs.values()].sort()} onChange={set} />
      {saving.error ? <Failure problem={saving.error as unknown as ApiProblem} /> : null}
      <Panel
        title={texts.pages.audit}
        isUntitled
        of={entries.data}
        awaited={{ rows: 14 }}
        problem={entries.data ? null : entries.error}
        retry={() => void entries.refetch()}
        isStale={entries.isPlaceholderData}
      >
        {(shown) => (
          <>
            <DataTable
              rows={shown}
              caption={texts.pages.audit}
              empty={texts.noEntries}
              keyOf={({ id }) => id}
              columns={columnsOf(slugs, (change) => set({ ...filters, ...change }))}
            />
            <MoreRows list={entries} />
          </>
        )}
      </Panel>
    </>
  );
}

function columnsOf(slugs: ReadonlyMap<string, string>, pick: (change: AuditFilters) => void): Column<AuditEntry>[] {
  const choice = (text: string, change: AuditFilters) => (
    <button type="button" className="pick" onClick={() => pick(change)}>
      {text}
    </button>
  );
  return [
    {
      id: 'time',
      title: `${texts.time} (${texts.utc})`,
      cell: ({ createdAt }) => <time dateTime={createdAt}>{formatTime(createdAt, 'UTC')}</time>,
      value: ({ createdAt }) => createdAt,
    },
    {
      id: 'brand',
      title: texts.brand,
      cell: ({ tenantId }) => {
        const slug = slugs.get(tenantId ?? '');
        return slug ? choice(slug, { brand: slug }) : <span className="alert-note">{texts.ofPlatform}</span>;
      },
      value: ({ tenantId }) => slugs.get(tenantId ?? '') ?? tenantId,
    },
    {
      id: 'who',
      title: texts.who,
      cell: ({ actor, actorId }) =>
        actorId === null ? (
          <span className="alert-note">{texts.nobody}</span>
        ) : (
          choice(actor ?? actorId, { who: actor?.includes('@') ? actor : actorId })
        ),
      value: ({ actor, actorId }) => actor ?? actorId,
    },
    {
      id: 'action',
      title: texts.what,
      cell: ({ action }) => choice(action.toLowerCase().replaceAll('_', ' '), { action }),
      value: ({ action }) => action,
    },
    {
      id: 'entity',
      title: texts.entity,
      cell: ({ resourceType, resourceId }) => (
        <>
          {choice(resourceType, { entity: resourceType })}
          {resourceId ? (
            <button type="button" className="pick pick-id" title={resourceId} onClick={() => pick({ id: resourceId })}>
              <code>…{resourceId.slice(-8)}</code>
            </button>
          ) : null}
        </>
      ),
      value: ({ resourceType }) => resourceType,
    },
    {
      id: 'changes',
      title: texts.changes,
      wraps: true,
      cell: (entry) => <AuditChanges entry={entry} />,
      value: () => null,
    },
  ];
}

function Filters({
  filters,
  slugs,
  onChange,
}: {
  readonly filters: AuditFilters;
  readonly slugs: readonly string[];
  readonly onChange: (filters: AuditFilters) => void;
}) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onChange(filtersOf(Object.fromEntries(new FormData(event.currentTarget))));
  };
  const choose = (event: FormEvent<HTMLSelectElement>) => event.currentTarget.form?.requestSubmit();
  return (
    <form className="audit-filters" onSubmit={submit} aria-label={texts.pages.audit}>
      <label className="field">
        <span>{texts.brand}</span>
        <select name="brand" defaultValue={filters.brand ?? ''} onChange={choose}>
          <option value="">{texts.any}</option>
          {[...new Set([...slugs, ...(filters.brand ? [filters.brand] : [])])].map((slug) => (
            <option key={slug} value={slug}>
              {slug}
            </option>
          ))}
        </select>
      </label>
      <TextField label={texts.who} name="who" placeholder={texts.whoHint} defaultValue={filters.who} />
      <label className="field">
        <span>{texts.what}</span>
        <select name="action" defaultValue={filters.action ?? ''} onChange={choose}>
          <option value="">{texts.any}</option>
          {ACTIONS.map((action) => (
            <option key={action} value={action}>
              {action.toLowerCase().replaceAll('_', ' ')}
            </option>
          ))}
        </select>
      </label>
      <TextField label={texts.entity} name="entity" placeholder={texts.entityHint} defaultValue={filters.entity} />
      <TextField label={texts.entityId} name="id" defaultValue={filters.id} />
      <TextField label={`${texts.from} (${texts.utc})`} name="from" type="date" defaultValue={filters.from} />
      <TextField label={texts.until} name="until" type="date" defaultValue={filters.until} />
      <div className="audit-actions">
        <button type="submit" className="button">
          {texts.apply}
        </button>
        {Object.keys(filters).length > 0 ? (
          <button type="button" className="text-button" onClick={() => onChange({})}>
            {texts.clear}
          </button>
        ) : null}
      </div>
    </form>
  );
}
