import { Popover } from 'radix-ui';
import { useRef, useState } from 'react';
import type { Kpi } from '../kpi.ts';
import { texts } from '../texts.ts';

export interface DefinitionProps {
  readonly kpi: Kpi;
  /** The moment that its figure reflects. */
  readonly asOf?: string;
  readonly openAsSql?: () => void;
}

/** What a KPI means, one click from its figure. */
export function Definition({ kpi, asOf, openAsSql }: DefinitionProps) {
  const [isOpen, setOpen] = useState(false);
  const trigger = useRef<HTMLButtonElement>(null);
  const isForSql = useRef(false);
  // The dialog gives focus back to what had it: that must be what stays, the figure's own button.
  const afterClosing = () => {
    if (!isForSql.current) return;
    isForSql.current = false;
    trigger.current?.focus();
    openAsSql?.();
  };
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger ref={trigger} className="icon-button" aria-label={`${texts.definition}: ${kpi.name}`}>
        <svg width="14" height="14" viewBox="0 0 16 16" aria-hidden="true">
          <circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" />
          <path d="M8 7.2v4M8 4.6v.9" stroke="currentColor" strokeWidth="1.4" />
        </svg>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="popover"
          sideOffset={6}
          collisionPadding={12}
          align="start"
          aria-label={`${texts.definition}: ${kpi.name}`}
          onCloseAutoFocus={afterClosing}
        >
          <h3>{kpi.name}</h3>
          <dl className="definition">
            <dt>{texts.formula}</dt>
            <dd>{kpi.formula}</dd>
            <dt>{texts.exclusions}</dt>
            <dd>{kpi.exclusions}</dd>
            <dt>{texts.source}</dt>
            <dd>{kpi.source}</dd>
            <dt>{texts.version}</dt>
            <dd className="number">{kpi.definitionVersion}</dd>
            {asOf ? (
              <>
                <dt>{texts.asOf}</dt>
                <dd className="number">{asOf}</dd>
              </>
            ) : null}
          </dl>
          {openAsSql ? (
            <button
              type="button"
              className="button"
              onClick={() => {
                isForSql.current = true;
                setOpen(false);
              }}
            >
              {texts.openAsSql}
            </button>
          ) : null}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
