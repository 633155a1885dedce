import { useQuery } from '@tanstack/react-query';
import { memo, useEffect, useRef, useState } from 'react';
import type { ApiProblem } from '../../ui/api.ts';
import { Panel } from '../../ui/components/panel.tsx';
import { useAgainWhen } from '../../ui/use-again-when.ts';
import { newestOrders, type OrderSummary } from '../orders.ts';
import { texts } from '../texts.ts';
import { OrdersTable } from './orders-table.tsx';

const SHOWN = 8;
const MARKED_MS = 8_000;

export interface LatestOrdersProps {
  /** What the page's one stream counts. */
  readonly moved: number;
  readonly timezone: string;
  /** The page does not live: nobody says when there are others. */
  readonly isStale: boolean;
}

/** The newest orders. Asked for at once, and again when the stream says that something has changed. */
export const LatestOrders = memo(function LatestOrders({ moved, timezone, isStale }: LatestOrdersProps) {
  const {
    data: orders,
    error,
    refetch,
  } = useQuery({
    queryKey: ['latest orders'],
    queryFn: () => newestOrders(SHOWN),
    gcTime: 0,
  });
  useAgainWhen(moved, refetch);
  const fresh = useFresh(orders);
  return (
    <Panel
      title={texts.latestOrders}
      of={orders}
      awaited={{ rows: SHOWN, rowHeight: 36 }}
      problem={orders === undefined ? (error as ApiProblem | null) : null}
      retry={() => void refetch()}
      isStale={isStale}
    >
      {(shown) => (
        <OrdersTable
          orders={shown}
          {...{ timezone, fresh }}
          caption={texts.latestOrders}
          empty={texts.noOrdersYet}
          isShort
        />
      )}
    </Panel>
  );
});

/** Those that came after the first look, for some seconds. */
function useFresh(orders: readonly OrderSummary[] | undefined): ReadonlySet<string> {
  const known = useRef<Set<string> | null>(null);
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    if (orders === undefined) return;
    const before = known.current;
    const come = before === null ? [] : orders.map(({ id }) => id).filter((id) => !before.has(id));
    known.current = new Set([...(before ?? []), ...orders.map(({ id }) => id)]);
    // Where all are new, none stands out.
    if (come.length === 0 || come.length === SHOWN) return;
    setFresh((others) => new Set([...others, ...come]));
    setTimeout(() => setFresh((all) => new Set([...all].filter((id) => !come.includes(id)))), MARKED_MS);
  }, [orders]);
  return fresh;
}
