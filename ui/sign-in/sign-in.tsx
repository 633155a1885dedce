import { type FormEvent, useEffect, useState } from 'react';
import { ApiProblem, api } from '../api.ts';
import { homeOf, readSession } from '../session.ts';
import { texts } from './texts.ts';
import './sign-in.css';

/** Signs in with cookies and leads to where the role begins, or back to the page that asked for it. */
export function SignIn() {
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [isBusy, setBusy] = useState(false);

  useEffect(() => {
    // Who still has a session has nothing to do here.
    void readSession().then(enter, () => {});
  }, []);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const tenant = String(form.get('tenant') ?? '').trim();
    setBusy(true);
    setProblem(null);
    try {
      await api('/api/v1/auth/sign-in', {
        method: 'POST',
        body: {
          email: form.get('email'),
          password: form.get('password'),
          cookie: true,
          ...(tenant === '' ? {} : { tenant }),
        },
      });
      enter(await readSession());
    } catch (error) {
      setProblem(error instanceof ApiProblem ? error : new ApiProblem(0, 'unknown', String(error), null));
      setBusy(false);
    }
  };

  return (
    <main className="sign-in">
      <form onSubmit={(event) => void submit(event)}>
        <header>
          <span className="mark" aria-hidden="true" />
          <h1>{texts.product}</h1>
          <p>{texts.promise}</p>
        </header>
        <label className="field">
          {texts.email}
          <input name="email" type="email" autoComplete="username" required />
        </label>
        <label className="field">
          {texts.password}
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        <details>
          <summary>{texts.tenant}</summary>
          <label className="field">
            {texts.tenantHint}
            <input name="tenant" autoComplete="organization" />
          </label>
        </details>
        {problem ? (
          <p className="sign-in-problem" role="alert">
            {problem.message}
          </p>
        ) : null}
        <button type="submit" className="button button-primary" disabled={isBusy}>
          {isBusy ? texts.signingIn : texts.signIn}
        </button>
        <a href="/docs">{texts.toDocs}</a>
      </form>
    </main>
  );
}

function enter(session: Awaited<ReturnType<typeof readSession>>): void {
  const next = new URLSearchParams(location.search).get('next') ?? '';
  // Only to pages of this site.
  location.assign(/^\/(brand|control-tower)\/(?!\/)/.test(next) ? next : homeOf(session));
}
