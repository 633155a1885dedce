import { type ReactNode, useId } from 'react';
import type { ApiProblem } from '../api.ts';
import { changeOf, formatFigure, NO_FIGURE } from '../format.ts';
import type { Cell, Kpi } from '../kpi.ts';
import { texts } from '../texts.ts';
import { Definition } from './definition.tsx';
import { Sparkline } from './sparkline.tsx';

export interface TileProps {
  readonly kpi: Kpi;
  readonly value: Cell | undefined;
  readonly before?: Cell | undefined;
  readonly series?: readonly (Cell | undefined)[];
  readonly currency: string | null | undefined;
  /** Why there is no figure. */
  readonly reason?: string;
  readonly isLoading: boolean;
  readonly isStale: boolean;
  readonly problem?: ApiProblem;
  readonly onOpen?: () => void;
  readonly openAsSql?: () => void;
  readonly footer?: ReactNode;
}

/** One headline figure: value, change against the comparison, course. Its definition is one click away. */
export function Tile({
  kpi,
  value,
  before,
  series,
  currency,
  reason,
  isLoading,
  isStale,
  problem,
  onOpen,
  openAsSql,
  footer,
}: TileProps) {
  const id = useId();
  const format = { id: kpi.id, unit: kpi.unit, currency };
  const change = changeOf(value, before, format, kpi.direction);
  return (
    <section className="tile" aria-labelledby={id} data-stale={isStale || undefined} data-kpi={kpi.id}>
      <header>
        <h3 id={id}>{kpi.name}</h3>
        <Definition kpi={kpi} openAsSql={openAsSql} />
      </header>
      {isLoading ? (
        <div className="skeleton tile-figure" aria-hidden="true" />
      ) : (
        <p className="tile-figure number" title={reason}>
          {onOpen ? (
            <button type="button" className="figure-link" onClick={onOpen}>
              {formatFigure(value, format)}
            </button>
          ) : (
            formatFigure(value, format)
          )}
          {value === null && reason ? <span className="tile-reason">{reason}</span> : null}
        </p>
      )}
      <div className="tile-change">
        {problem ? (
          <span className="change" data-sense="bad">
            {problem.message}
          </span>
        ) : change.text === null ? (
          <span className="change" data-sense="neutral">
            {isLoading || kpi.isState ? '' : before === undefined ? '' : `${NO_FIGURE} ${texts.nothingToCompare}`}
          </span>
        ) : (
          <span
            className="change number"
            data-sense={change.sense}
            title={`${texts.before}: ${formatFigure(before, format)}`}
          >
            <span aria-hidden="true">{{ up: '↑', down: '↓', flat: '→' }[change.direction]}</span> {change.text}
            <span className="visually-hidden"> {texts.sense[change.sense]}</span>
          </span>
        )}
        {footer}
      </div>
      {series ? <Sparkline values={series} label={`${kpi.name}: ${texts.course}`} /> : null}
    </section>
  );
}
