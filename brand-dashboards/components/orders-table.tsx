import { DataTable } from '../../ui/components/data-table.tsx';
import { formatFigure, formatTime } from '../../ui/format.ts';
import { ORDER_SORTS, type OrderSort, type OrderSummary } from '../orders.ts';
import { texts } from '../texts.ts';
import { OrderLink } from './order-link.tsx';
import { OrderStatusPill } from './order-status.tsx';

export interface OrdersTableProps {
  readonly orders: readonly OrderSummary[];
  readonly timezone: string;
  readonly caption: string;
  readonly empty: string;
  /** Ids of those that have just come. */
  readonly fresh?: ReadonlySet<string>;
  readonly isShort?: boolean;
  /** How the orders are sorted; without it the table offers no other way. */
  readonly sort?: OrderSort;
  readonly onSort?: (sort: OrderSort) => void;
}

const SORTABLE = ['placedAt', 'status', 'total'];

/** A column's first way, then the other: the newest, the largest, and what is still to be done come first. */
function otherSort(by: string, sort: OrderSort | undefined): OrderSort {
  const ways = ORDER_SORTS.filter((one) => one.replace('-', '') === by);
  return (ways[0] === sort ? ways[1] : ways[0]) ?? ORDER_SORTS[0];
}

/** Orders as they come. */
export function OrdersTable(props: OrdersTableProps) {
  const { orders, timezone, caption, empty, fresh, isShort = false, sort, onSort } = props;
  const money = (value: string, { currency }: OrderSummary) =>
    formatFigure(value, { id: 'total', unit: 'money', currency });
  const amounts = isShort ? (['total'] as const) : (['gross', 'discount', 'tax', 'shipping', 'total'] as const);
  return (
    <DataTable
      rows={orders}
      caption={caption}
      empty={empty}
      keyOf={({ id }) => id}
      sort={sort && { by: sort.replace('-', ''), direction: sort.startsWith('-') ? 'desc' : 'asc' }}
      onSort={onSort && ((by) => onSort(otherSort(by, sort)))}
      sortable={SORTABLE}
      columns={[
        {
          id: 'order',
          title: texts.order,
          cell: (order) => (
            <span className="order-name" data-fresh={fresh?.has(order.id) || undefined}>
              <OrderLink number={order.orderNumber} />
              {fresh?.has(order.id) ? (
                <span className="pill" data-tone="good">
                  {texts.isNew}
                </span>
              ) : null}
              {order.isTest ? <span className="pill">{texts.isTest}</span> : null}
            </span>
          ),
          value: ({ orderNumber }) => orderNumber,
        },
        {
          id: 'placedAt',
          title: texts.placed,
          cell: ({ placedAt }) => (
            <time className="number" dateTime={placedAt}>
              {formatTime(placedAt, timezone, false)}
            </time>
          ),
          value: ({ placedAt }) => placedAt,
        },
        {
          id: 'status',
          title: texts.status,
          cell: ({ status }) => <OrderStatusPill status={status} />,
          value: ({ status }) => status,
        },
        ...(isShort ? (['channel'] as const) : (['channel', 'country'] as const)).map((name) => ({
          id: name,
          title: texts.dimensions[name],
          cell: (order: OrderSummary) => <span className="nowrap">{order[name] ?? texts.unknown}</span>,
          value: (order: OrderSummary) => order[name],
        })),
        ...amounts.map((name) => ({
          id: name,
          title: texts.amounts[name],
          isNumber: true,
          cell: (order: OrderSummary) => money(order[name], order),
          value: (order: OrderSummary) => order[name],
        })),
      ]}
    />
  );
}
