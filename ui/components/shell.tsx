import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { api } from '../api.ts';
import { useSession } from '../session.ts';
import { texts } from '../texts.ts';
import { chooseTheme, type ThemeChoice, useThemeChoice } from '../theme.ts';
import { type Command, CommandPalette } from './command-palette.tsx';
import { Shortcuts } from './shortcuts.tsx';

export interface ShellPage {
  readonly path: string;
  readonly title: string;
}

export interface ShellProps {
  /** Of the app, and of whom it is about. */
  readonly product: string;
  readonly owner: string;
  readonly pages: readonly ShellPage[];
  readonly current: string;
  /** A link to a page that keeps the state of the URL. */
  readonly link: (page: ShellPage, children: ReactNode) => ReactNode;
  readonly go: (page: ShellPage) => void;
  readonly commands?: readonly Command[];
  readonly children: ReactNode;
}

// With the forms' style: nobody needs it to see figures.
const PasswordDialog = lazy(() =>
  import('./password-dialog.tsx').then((module) => ({ default: module.PasswordDialog })),
);

/** Frame of every page: navigation, theme, who is signed in, commands, shortcuts. */
export function Shell({ product, owner, pages, current, link, go, commands = [], children }: ShellProps) {
  const [isMenuOpen, setMenuOpen] = useState(false);
  const [isChangingPassword, setChangingPassword] = useState(false);
  const all: Command[] = [
    ...pages.map((page) => ({ name: page.title, run: () => go(page) })),
    ...commands,
    ...(['system', 'light', 'dark'] as const).map((choice) => ({
      name: texts.theme[choice],
      run: () => chooseTheme(choice),
    })),
    { name: texts.password.change, run: () => setChangingPassword(true) },
    { name: texts.signOut, run: signOut },
  ];
  return (
    <div className="shell">
      <a className="skip" href="#content">
        {texts.skip}
      </a>
      <nav className="side" aria-label={product} data-open={isMenuOpen || undefined}>
        <div className="side-stay">
          <div className="side-head">
            <span className="mark" aria-hidden="true" />
            <div>
              <strong>{owner}</strong>
              <span>{product}</span>
            </div>
            <button
              type="button"
              className="icon-button menu-button"
              aria-expanded={isMenuOpen}
              aria-label={texts.menu}
              onClick={() => setMenuOpen(!isMenuOpen)}
            >
              <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
                <path d="M2 5h14M2 9h14M2 13h14" stroke="currentColor" strokeWidth="1.5" />
              </svg>
            </button>
          </div>
          <ul className="side-pages">
            {pages.map((page) => (
              <li key={page.path} aria-current={page.path === current ? 'page' : undefined}>
                {link(page, page.title)}
              </li>
            ))}
          </ul>
          <div className="side-foot">
            <CommandPalette commands={all} />
            <Shortcuts />
            <ThemeSwitch />
            <Account onChangePassword={() => setChangingPassword(true)} />
          </div>
        </div>
      </nav>
      <main id="content" tabIndex={-1}>
        <p className="print-only print-head">
          {owner} · {product}
        </p>
        {children}
      </main>
      {isChangingPassword ? (
        <Suspense>
          <PasswordDialog isOpen onClose={() => setChangingPassword(false)} />
        </Suspense>
      ) : null}
    </div>
  );
}

function ThemeSwitch() {
  const choice = useThemeChoice();
  const next: Record<ThemeChoice, ThemeChoice> = { system: 'light', light: 'dark', dark: 'system' };
  return (
    <button type="button" className="side-button" onClick={() => chooseTheme(next[choice])}>
      {texts.theme[choice]}
    </button>
  );
}

function Account({ onChangePassword }: { readonly onChangePassword: () => void }) {
  const session = useSession();
  return (
    <>
      {session?.user ? (
        <button type="button" className="side-button" onClick={onChangePassword}>
          {texts.password.change}
          {session.passwordExpiresAt ? <span className="side-note">{texts.password.temporary}</span> : null}
        </button>
      ) : null}
      <button type="button" className="side-button" onClick={() => void signOut()}>
        {texts.signOut}
        <span className="side-note">{session?.user?.email ?? texts.roles[session?.role ?? '']}</span>
      </button>
    </>
  );
}

async function signOut(): Promise<void> {
  await api('/api/v1/auth/sign-out', { method: 'POST' }).catch(() => {});
  location.assign('/');
}

/** Sets the document's title for a page. */
export function useTitle(...parts: readonly string[]): void {
  const title = parts.join(' · ');
  useEffect(() => {
    document.title = title;
  }, [title]);
}
