import type { ApiProblem } from '../api.ts';
import { useLookedAtBrand } from '../looked-at-brand.ts';
import { lookingAt } from '../looking-at.ts';
import { texts } from '../texts.ts';
import { Failure } from './failure.tsx';

/** Says that somebody of the platform looks at a brand and can change nothing there; or why the brand can't be shown. */
export function LookingBanner({ role }: { readonly role: string }) {
  const { data: brand, error, refetch } = useLookedAtBrand();
  if (error) return <Failure problem={error as ApiProblem} retry={() => void refetch()} />;
  const as = texts.looking.as(brand?.name ?? lookingAt ?? '', (texts.roles[role] ?? role).toLowerCase());
  return (
    <aside className="looking" aria-label={as}>
      <svg className="looking-eye" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
        <path d="M1 8s2.6-4.5 7-4.5S15 8 15 8s-2.6 4.5-7 4.5S1 8 1 8z" fill="none" stroke="currentColor" />
        <circle cx="8" cy="8" r="2" fill="currentColor" />
      </svg>
      <strong className="looking-as">{as}</strong>
      <span className="looking-note">{brand ? texts.looking.days(brand.timezone, brand.currency) : null}</span>
      <a className="looking-back" href={`/control-tower/brands/${lookingAt}`}>
        {texts.looking.back}
      </a>
    </aside>
  );
}
