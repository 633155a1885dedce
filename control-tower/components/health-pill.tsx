import type { Health } from '../platform.ts';
import { texts } from '../texts.ts';

const signs = { good: '●', warn: '▲', bad: '■', off: '○' } as const;

/** Health of a brand with its reason; further ones behind it. */
export function HealthPill({ health }: { readonly health: Health }) {
  const [reason = '', ...others] = health.reasons;
  return (
    <span className="pill health" data-tone={health.tone} title={health.reasons.join('\n')}>
      <span aria-hidden="true">{signs[health.tone]}</span>
      <span className="visually-hidden">{texts.healthTone[health.tone]}:</span> {reason}
      {others.length > 0 ? <span className="number">+{others.length}</span> : null}
      <span className="visually-hidden">{others.join(', ')}</span>
    </span>
  );
}
