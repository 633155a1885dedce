import { createLazyRoute, Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ApiProblem } from '../../ui/api.ts';
import { ActionDialog } from '../../ui/components/action-dialog.tsx';
import { type Column, DataTable } from '../../ui/components/data-table.tsx';
import { Failure } from '../../ui/components/failure.tsx';
import { TextField } from '../../ui/components/field.tsx';
import { Panel } from '../../ui/components/panel.tsx';
import { TemporaryPassword } from '../../ui/components/secret.tsx';
import { useTitle } from '../../ui/components/shell.tsx';
import { formatDay } from '../../ui/format.ts';
import { createTenant, setTenantStatus, type Tenant, useMay, useRefresh, useTenants } from '../people.ts';
import { texts } from '../texts.ts';

export const route = createLazyRoute('/brands')({ component: Brands });

function Brands() {
  useTitle(texts.pages.brands, texts.product);
  const { data, error, refetch } = useTenants();
  const mayManage = useMay('tenants.manage');
  return (
    <>
      <header className="page-head">
        <h1>{texts.pages.brands}</h1>
        {mayManage ? <NewBrand /> : <p className="page-note">{texts.readOnly}</p>}
      </header>
      {error ? <Failure problem={error as ApiProblem} retry={() => void refetch()} /> : null}
      <Panel title={texts.pages.brands} isUntitled of={data} awaited={{ rows: 7 }}>
        {(shown) => (
          <DataTable
            rows={[...shown].sort((a, b) => a.name.localeCompare(b.name))}
            caption={texts.pages.brands}
            empty={texts.noBrands}
            keyOf={({ id }) => id}
            columns={columnsOf(mayManage)}
          />
        )}
      </Panel>
    </>
  );
}

function columnsOf(mayManage: boolean): Column<Tenant>[] {
  return [
    {
      id: 'name',
      title: texts.name,
      cell: ({ slug, name }) => (
        <Link to="/brands/$brand" params={{ brand: slug }} search={true} className="brand-link">
          {name}
        </Link>
      ),
      value: ({ name }) => name,
    },
    { id: 'slug', title: texts.slug, cell: ({ slug }) => <code>{slug}</code>, value: ({ slug }) => slug },
    { id: 'currency', title: texts.currency, cell: ({ currency }) => currency, value: ({ currency }) => currency },
    { id: 'timezone', title: texts.timezone, cell: ({ timezone }) => timezone, value: ({ timezone }) => timezone },
    {
      id: 'status',
      title: texts.status,
      cell: ({ status }) => (
        <span className="pill" data-tone={status === 'active' ? 'good' : 'off'}>
          {status}
        </span>
      ),
      value: ({ status }) => status,
    },
    {
      id: 'created',
      title: texts.created,
      isNumber: true,
      cell: ({ createdAt }) => formatDay(createdAt, 'UTC'),
      value: ({ createdAt }) => createdAt,
    },
    {
      id: 'users',
      title: texts.pages.users,
      cell: ({ slug }) => (
        <Link to="/users" search={{ of: slug }}>
          {texts.pages.users}
        </Link>
      ),
      value: () => null,
    },
    ...(mayManage
      ? [
          {
            id: 'do',
            title: '',
            cell: (tenant: Tenant) => <StatusChange tenant={tenant} />,
            value: () => null,
          },
        ]
      : []),
  ];
}

function StatusChange({ tenant }: { readonly tenant: Tenant }) {
  const refresh = useRefresh();
  const isActive = tenant.status === 'active';
  const action = isActive ? texts.suspend : texts.activate;
  return (
    <ActionDialog
      title={isActive ? texts.suspendTitle(tenant.name) : texts.activateTitle(tenant.name)}
      note={isActive ? texts.suspendNote : texts.activateNote}
      trigger={
        <button type="button" className="text-button" aria-label={`${action}: ${tenant.name}`}>
          {action}…
        </button>
      }
      action={action}
      isGrave={isActive}
      send={() => setTenantStatus(tenant.id, isActive ? 'suspend' : 'activate')}
      onAnswer={refresh}
    />
  );
}

const ZONES = Intl.supportedValuesOf('timeZone');
const CURRENCIES = Intl.supportedValuesOf('currency');
const FIELDS = ['name', 'slug', 'currency', 'timezone', 'admin.name', 'admin.email'];

function NewBrand() {
  const refresh = useRefresh();
  const [name, setName] = useState('');
  const suggested = name
    .toLowerCase()
    .normalize('NFD')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return (
    <ActionDialog
      title={texts.newBrand}
      trigger={
        <button type="button" className="button button-primary">
          {texts.newBrand}
        </button>
      }
      action={texts.create}
      send={createTenant}
      onAnswer={refresh}
      result={({ name: created, admin }) => (
        <>
          <p>{texts.brandCreated(created)}</p>
          {admin?.temporaryPassword ? <TemporaryPassword name={admin.email} value={admin.temporaryPassword} /> : null}
        </>
      )}
      fields={FIELDS}
    >
      {(problem) => (
        <>
          <TextField
            {...{ label: texts.name, name: 'name', problem, required: true, maxLength: 200 }}
            onChange={(event) => setName(event.target.value)}
          />
          <TextField
            key={suggested}
            {...{ label: texts.slug, name: 'slug', problem, hint: texts.slugHint, required: true, maxLength: 63 }}
            defaultValue={suggested}
          />
          <div className="form-row">
            <TextField
              {...{
                label: texts.currency,
                name: 'currency',
                problem,
                list: 'currencies',
                required: true,
                maxLength: 3,
              }}
              defaultValue="EUR"
            />
            <TextField
              {...{ label: texts.timezone, name: 'timezone', problem, list: 'zones', required: true }}
              defaultValue={Intl.DateTimeFormat().resolvedOptions().timeZone}
            />
          </div>
          <fieldset className="choices form">
            <legend>{texts.firstUser}</legend>
            <TextField {...{ label: texts.userName, name: 'admin.name', problem }} required maxLength={200} />
            <TextField
              {...{ label: texts.email, name: 'admin.email', type: 'email', problem }}
              required
              maxLength={254}
            />
          </fieldset>
          <Options id="currencies" values={CURRENCIES} />
          <Options id="zones" values={ZONES} />
        </>
      )}
    </ActionDialog>
  );
}

function Options({ id, values }: { readonly id: string; readonly values: readonly string[] }) {
  return (
    <datalist id={id}>
      {values.map((value) => (
        <option key={value} value={value} />
      ))}
    </datalist>
  );
}
