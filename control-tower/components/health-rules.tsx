import { Popover } from 'radix-ui';
import type { BrandStates } from '../platform.ts';
import { texts } from '../texts.ts';

/** The rules by which health is told, one click away. */
export function HealthRules({ rules }: { readonly rules: BrandStates['rules'] }) {
  return (
    <Popover.Root>
      <Popover.Trigger className="text-button">{texts.healthRules}</Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="popover" sideOffset={6} collisionPadding={12} align="end">
          <h3>{texts.healthRules}</h3>
          <ol className="rules">
            {rules.map(({ id, tone, rule }) => (
              <li key={id}>
                <span className="pill" data-tone={tone}>
                  {texts.healthTone[tone]}
                </span>{' '}
                {rule}
              </li>
            ))}
          </ol>
          <p className="popover-note">{texts.healthRulesNote}</p>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
