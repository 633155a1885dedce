import { formatDay, formatTime } from '../format.ts';
import type { AsOf } from '../kpi.ts';
import type { LiveFigures } from '../live.ts';
import { texts } from '../texts.ts';

/** Whether what is shown is live, in words and colour, and as of when. */
export function LiveStatus({
  asOf,
  connection,
  timezone,
}: {
  asOf: AsOf | null;
  connection: LiveFigures<string>['connection'];
  timezone: string;
}) {
  const state = connection === 'open' ? (asOf?.state ?? 'connecting') : connection;
  return (
    <p className="live-status" data-state={state} role="status">
      <span className="live-dot" aria-hidden="true" />
      <span>{texts.live[state]}</span>
      {asOf?.commitTime ? (
        <span className="number live-time">
          {texts.live.asOf} <time dateTime={asOf.commitTime}>{formatTime(asOf.commitTime, timezone)}</time>
          <span className="print-only"> {texts.onPaper(formatDay(asOf.commitTime, timezone), timezone)}</span>
        </span>
      ) : null}
    </p>
  );
}
