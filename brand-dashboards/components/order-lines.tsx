import { DataTable } from '../../ui/components/data-table.tsx';
import { Panel } from '../../ui/components/panel.tsx';
import { formatFigure } from '../../ui/format.ts';
import type { Order, OrderLine } from '../orders.ts';
import { texts } from '../texts.ts';
import type { OrderPart } from './order-parts.tsx';

/** What was ordered; the foot adds up to the order's amounts. */
export function OrderLines({ order, isStale }: Omit<OrderPart, 'timezone'>) {
  return (
    <Panel title={texts.lines} of={order} awaited={{ rows: 3 }} isStale={isStale}>
      {(shown) => <Lines order={shown} />}
    </Panel>
  );
}

function Lines({ order }: { readonly order: Order }) {
  const money = (value: string) => formatFigure(value, { id: 'total', unit: 'money', currency: order.currency });
  const amounts = ['gross', 'discount', 'tax', 'shipping'] as const;
  return (
    <DataTable
      rows={order.lines}
      caption={texts.lines}
      empty={texts.noLines}
      keyOf={({ id }) => id}
      columns={[
        {
          id: 'sku',
          title: texts.sku,
          cell: ({ sku }) => <span className="nowrap">{sku}</span>,
          value: ({ sku }) => sku,
        },
        ...(['quantity', 'shipped', 'returned'] as const).map((name) => ({
          id: name,
          title: texts.unitColumns[name],
          isNumber: true,
          cell: (line: OrderLine) => line[name],
          value: (line: OrderLine) => line[name],
        })),
        ...(['unitPrice', ...amounts] as const).map((name) => ({
          id: name,
          title: texts.amounts[name],
          isNumber: true,
          cell: (line: OrderLine) => money(line[name]),
          value: (line: OrderLine) => line[name],
        })),
      ]}
      footer={
        <tr>
          <th scope="row" colSpan={5}>
            {texts.sum}
          </th>
          {amounts.map((name) => (
            <td key={name} data-number className="number">
              {money(order[name])}
            </td>
          ))}
        </tr>
      }
    />
  );
}
