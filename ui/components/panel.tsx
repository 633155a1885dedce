import type { ReactNode, Ref } from 'react';
import type { ApiProblem } from '../api.ts';
import { Failure } from './failure.tsx';

export interface PanelProps<A> {
  readonly title: string;
  /** What it is called where its title says what was chosen. */
  readonly label?: string;
  /** The page's own heading says it: the title is for those who do not see. */
  readonly isUntitled?: boolean;
  /** Beside the title: its definition. */
  readonly note?: ReactNode;
  /** A line below the title. */
  readonly hint?: ReactNode;
  /** What the panel offers: choices, files. */
  readonly tools?: ReactNode;
  /** Anchor of links to it. */
  readonly id?: string;
  /** What is shown, once it is there. */
  readonly of: A | undefined;
  /** What it will be as high as: rows of a table, or pixels of anything else. */
  readonly awaited: { readonly rows: number; readonly rowHeight?: number } | { readonly height: number };
  readonly problem?: ApiProblem | null;
  readonly retry?: () => void;
  /** What is shown does not move with the figures any more. */
  readonly isStale?: boolean;
  readonly children: (shown: A) => ReactNode;
  readonly ref?: Ref<HTMLElement>;
}

/** A titled box that loads, fails and grows old like every other one. What is empty says so itself: it knows what would be here. */
export function Panel<A>(props: PanelProps<A>) {
  const {
    title,
    label = title,
    isUntitled = false,
    note,
    hint,
    tools,
    id,
    of,
    awaited,
    problem,
    retry,
    isStale = false,
    children,
    ref,
  } = props;
  return (
    <section
      ref={ref}
      id={id}
      className="panel"
      data-stale={(isStale && of !== undefined) || undefined}
      aria-label={label}
    >
      {isUntitled ? null : (
        <header className="panel-head">
          <div>
            <h2>
              {title} {note}
            </h2>
            {hint ? <p className="panel-hint">{hint}</p> : null}
          </div>
          {tools ? <div className="panel-tools">{tools}</div> : null}
        </header>
      )}
      <Awaited {...{ of, awaited, problem, retry, children }} />
    </section>
  );
}

/** What is shown once it is there; until then its place, or why it does not come. */
export function Awaited<A>({
  of,
  awaited,
  problem,
  retry,
  children,
}: Pick<PanelProps<A>, 'of' | 'awaited' | 'problem' | 'retry' | 'children'>) {
  if (problem) return <Failure problem={problem} retry={retry} />;
  return of === undefined ? <Skeleton {...awaited} /> : children(of);
}

/** What is on its way, as large as it will be. */
export function Skeleton(props: PanelProps<unknown>['awaited']) {
  if ('height' in props) return <div className="skeleton" style={{ height: props.height }} aria-hidden="true" />;
  return (
    <div className="skeleton-rows" style={{ gridAutoRows: props.rowHeight ?? 34 }} aria-hidden="true">
      {Array.from({ length: props.rows + 1 }, (_, row) => (
        <span key={row} className="skeleton" />
      ))}
    </div>
  );
}
