import type { Cell } from '../kpi.ts';

const [WIDTH, HEIGHT] = [120, 28];

/** The course of a figure in a tile; no axes, since the figure beside it carries the value. Gaps stay gaps. */
export function Sparkline({
  values,
  label,
}: {
  readonly values: readonly (Cell | undefined)[];
  readonly label: string;
}) {
  const numbers = values.map((value) => (value === null || value === undefined ? null : Number(value)));
  const known = numbers.filter((value) => value !== null);
  if (known.length < 2) return <svg className="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true" />;
  const [low, high] = [Math.min(0, ...known), Math.max(...known)];
  const x = (index: number) => (index / (numbers.length - 1)) * WIDTH;
  const y = (value: number) => HEIGHT - 2 - ((value - low) / (high - low || 1)) * (HEIGHT - 4);
  const path = numbers.reduce<string>((drawn, value, index) => {
    if (value === null) return drawn;
    const isStart = index === 0 || numbers[index - 1] === null;
    return `${drawn}${isStart ? 'M' : 'L'}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
  }, '');
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path d={path} fill="none" stroke="var(--series-1)" strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
