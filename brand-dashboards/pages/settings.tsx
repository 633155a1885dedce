import { createLazyRoute } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTitle } from '../../ui/components/shell.tsx';
import { lookingAt } from '../../ui/looking-at.ts';
import { useSession } from '../../ui/session.ts';
import { texts as kit } from '../../ui/texts.ts';
import { useBrand } from '../components/settings/brand.ts';
import { BrandPanel } from '../components/settings/brand-panel.tsx';
import { KeysPanel } from '../components/settings/keys-panel.tsx';
import { UsersPanel } from '../components/settings/users-panel.tsx';
import { texts } from '../texts.ts';
import '../../ui/forms.css';

export const route = createLazyRoute('/settings')({ component: Settings });

const PasswordDialog = lazy(() =>
  import('../../ui/components/password-dialog.tsx').then((module) => ({ default: module.PasswordDialog })),
);

/** The brand itself, who works here, which programs may: as much of it as the role may see. */
function Settings() {
  useTitle(texts.pages.settings, texts.product);
  const session = useSession();
  const timezone = useBrand().data?.value.timezone ?? 'UTC';
  const may = (permission: string) => session?.permissions.includes(permission) ?? false;
  if (session === undefined) return null;
  return (
    <>
      <header className="page-head">
        <div className="page-title">
          <h1>{texts.pages.settings}</h1>
        </div>
      </header>
      <BrandPanel mayConfigure={may('brand.configure')} />
      {may('users.read') ? <UsersPanel session={session} timezone={timezone} /> : null}
      {may('users.manage') ? <KeysPanel session={session} timezone={timezone} /> : null}
      {lookingAt === null ? <AccountPanel role={session.role} email={session.user?.email ?? null} /> : null}
    </>
  );
}

function AccountPanel({ role, email }: { readonly role: string; readonly email: string | null }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <section className="panel" aria-labelledby="settings-account">
      <header className="panel-head">
        <div>
          <h2 id="settings-account">{texts.settings.account}</h2>
          <p className="note">
            {email} {texts.settings.accountRole(texts.roles[role] ?? role)}
          </p>
        </div>
        {email === null ? null : (
          <button type="button" className="button" onClick={() => setOpen(true)}>
            {kit.password.change}
          </button>
        )}
      </header>
      {isOpen ? (
        <Suspense>
          <PasswordDialog isOpen onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </section>
  );
}
