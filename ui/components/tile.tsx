import { type CSSProperties, type ReactNode, useId } from 'react';
import type { ApiProblem } from '../api.ts';
import { changeOf, formatFigure, NO_FIGURE } from '../format.ts';
import type { Cell, Kpi } from '../kpi.ts';
import { texts } from '../texts.ts';
import { Definition } from './definition.tsx';
import { RowsButton } from './rows-button.tsx';
import { Sparkline } from './sparkline.tsx';

export interface TileProps {
  readonly kpi: Kpi;
  readonly value: Cell | undefined;
  readonly before?: Cell | undefined;
  readonly series?: readonly (Cell | undefined)[];
  /** The last bucket of `series` is still filling. */
  readonly isSeriesOpen?: boolean;
  readonly currency: string | null | undefined;
  /** The moment that the figure reflects, as people read it. */
  readonly asOf?: string;
  /** Why there is no figure. */
  readonly reason?: string;
  readonly isLoading: boolean;
  readonly isStale: boolean;
  readonly problem?: ApiProblem;
  readonly onOpen?: () => void;
  readonly openAsSql?: () => void;
  /** Shows the rows behind the figure. */
  readonly openRows?: () => void;
  /** What there is to say of it: where it stands out. */
  readonly note?: ReactNode;
}

/** One headline figure: value, change against the comparison, course. The whole tile opens what is behind it; its definition is one click away. */
export function Tile({
  kpi,
  value,
  before,
  series,
  isSeriesOpen,
  asOf,
  currency,
  reason,
  isLoading,
  isStale,
  problem,
  onOpen,
  openAsSql,
  openRows,
  note,
}: TileProps) {
  const id = useId();
  const format = { id: kpi.id, unit: kpi.unit, currency };
  const change = changeOf(value, before, format, kpi.direction);
  const shown = formatFigure(value, format);
  const why = value === null ? (reason ?? texts.nothingToCompute) : undefined;
  const open = onOpen ?? openRows;
  return (
    <section className="tile" aria-labelledby={id} data-stale={isStale || undefined} data-kpi={kpi.id}>
      <header>
        <h3 id={id}>{kpi.name}</h3>
        <span className="tile-tools">
          {openRows ? <RowsButton name={kpi.name} onClick={openRows} /> : null}
          <Definition kpi={kpi} asOf={asOf} openAsSql={openAsSql} />
        </span>
      </header>
      {isLoading ? (
        <div className="skeleton tile-figure" aria-hidden="true" />
      ) : (
        <p className="tile-figure number" title={why}>
          {open ? (
            <button
              type="button"
              className="tile-open"
              aria-label={`${kpi.name}: ${shown}`}
              title={change.text === null ? why : `${texts.before}: ${formatFigure(before, format)}`}
              onClick={open}
            >
              <Figure text={shown} isMoney={kpi.unit === 'money'} />
            </button>
          ) : (
            <Figure text={shown} isMoney={kpi.unit === 'money'} />
          )}
          {why ? <span className="tile-reason">{why}</span> : null}
        </p>
      )}
      <div className="tile-change">
        {problem ? (
          <span className="change" data-sense="bad">
            {problem.message}
          </span>
        ) : change.text === null ? (
          <span className="change" data-sense="neutral">
            {isLoading || (why && !kpi.isState)
              ? ''
              : kpi.isState
                ? texts.now
                : before === undefined
                  ? ''
                  : `${NO_FIGURE} ${texts.nothingToCompare}`}
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
        {note ? <span className="tile-note">{note}</span> : null}
      </div>
      {series ? <Sparkline values={series} isOpen={isSeriesOpen} label={`${kpi.name}: ${texts.course}`} /> : null}
    </section>
  );
}

/** The whole figure, never cut off: its cents step back, and what is long gets smaller letters (kit.css). */
function Figure({ text, isMoney }: { readonly text: string; readonly isMoney: boolean }) {
  const [, whole = text, cents = ''] = (isMoney ? /^(.*\d)(\.\d\d)$/.exec(text) : null) ?? [];
  const length = { '--length': whole.length + cents.length * 0.62 } as CSSProperties;
  return (
    <span className="figure-width">
      <span className="figure" style={length}>
        {whole}
        {cents === '' ? null : <span className="cents">{cents}</span>}
      </span>
    </span>
  );
}
