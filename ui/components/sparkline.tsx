import type { Cell } from '../kpi.ts';

const [WIDTH, HEIGHT] = [120, 28];

/** The course of a figure in a tile; no axes, since the figure beside it carries the value. Gaps stay gaps. */
export function Sparkline({
  values,
  label,
  isOpen = false,
}: {
  readonly values: readonly (Cell | undefined)[];
  readonly label: string;
  /** The last bucket is still filling: it hangs on by a faint line, for it is no fall. */
  readonly isOpen?: boolean;
}) {
  const numbers = values.map((value) => (value === null || value === undefined ? null : Number(value)));
  const known = numbers.filter((value) => value !== null);
  if (known.length < 2) return <svg className="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true" />;
  const [low, high] = [Math.min(0, ...known), Math.max(...known)];
  const x = (index: number) => (index / (numbers.length - 1)) * WIDTH;
  const y = (value: number) => HEIGHT - 2 - ((value - low) / (high - low || 1)) * (HEIGHT - 4);
  const closed = isOpen && numbers.length > 2 ? numbers.length - 1 : numbers.length;
  const path = (from: number, to: number) =>
    numbers.reduce<string>((drawn, value, index) => {
      if (value === null || index < from || index >= to) return drawn;
      const isStart = index === from || numbers[index - 1] === null;
      return `${drawn}${isStart ? 'M' : 'L'}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
    }, '');
  const line = { fill: 'none', stroke: 'var(--series-1)', vectorEffect: 'non-scaling-stroke' } as const;
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path d={path(0, closed)} {...line} strokeWidth="1.5" />
      {closed < numbers.length ? (
        <path d={path(closed - 1, numbers.length)} {...line} strokeWidth="1" strokeDasharray="2 2" opacity="0.7" />
      ) : null}
    </svg>
  );
}
