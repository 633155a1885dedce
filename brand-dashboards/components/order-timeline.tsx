import { Panel } from '../../ui/components/panel.tsx';
import { formatTime } from '../../ui/format.ts';
import type { OrderEvent } from '../orders.ts';
import { texts } from '../texts.ts';
import type { OrderPart } from './order-parts.tsx';

export interface TimelineProps extends Omit<OrderPart, 'order'> {
  /** Of an order that is on its way: none yet. */
  readonly events: readonly OrderEvent[] | undefined;
}

/** What happened to an order, oldest first. */
export function Timeline({ events, timezone, isStale }: TimelineProps) {
  return (
    <Panel title={texts.timeline} of={events} awaited={{ rows: 5, rowHeight: 38 }} isStale={isStale}>
      {(known) =>
        known.length === 0 ? (
          <p className="muted">{texts.noEvents}</p>
        ) : (
          <ol className="timeline">
            {inOrder(known).map(({ id, type, occurredAt }) => (
              <li key={id}>
                <span>{nameOf(type)}</span>
                <time className="number muted" dateTime={occurredAt}>
                  {formatTime(occurredAt, timezone)}
                </time>
              </li>
            ))}
          </ol>
        )
      }
    </Panel>
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
