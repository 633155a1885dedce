import { formatTime } from '../../ui/format.ts';
import type { OrderEvent } from '../orders.ts';
import { texts } from '../texts.ts';

/** What happened to an order, oldest first. */
export function Timeline({ events, timezone }: { readonly events: readonly OrderEvent[]; readonly timezone: string }) {
  return (
    <section className="panel" aria-label={texts.timeline}>
      <h2>{texts.timeline}</h2>
      {events.length === 0 ? (
        <p className="muted">{texts.noEvents}</p>
      ) : (
        <ol className="timeline">
          {inOrder(events).map(({ id, type, occurredAt }) => (
            <li key={id}>
              <span>{nameOf(type)}</span>
              <time className="number muted" dateTime={occurredAt}>
                {formatTime(occurredAt, timezone)}
              </time>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

/** Of what happened at one instant, the creation of something comes before all else of it. */
function inOrder(events: readonly OrderEvent[]): OrderEvent[] {
  const isLater = ({ type }: OrderEvent) => Number(!type.endsWith('.created'));
  return [...events].sort((a, b) => a.occurredAt.localeCompare(b.occurredAt) || isLater(a) - isLater(b));
}

/** `order.partially_shipped` → `Order partially shipped`. */
function nameOf(type: string): string {
  const text = type.replaceAll(/[._]/g, ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
