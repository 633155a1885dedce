import { DataTable } from '../../ui/components/data-table.tsx';
import { formatFigure } from '../../ui/format.ts';
import type { Order, OrderLine } from '../orders.ts';
import { texts } from '../texts.ts';

/** What was ordered; the foot adds up to the order's amounts. */
export function OrderLines({ order }: { readonly order: Order }) {
  const money = (value: string) => formatFigure(value, { id: 'total', unit: 'money', currency: order.currency });
  const amounts = ['gross', 'discount', 'tax', 'shipping'] as const;
  return (
    <section className="panel" aria-label={texts.lines}>
      <h2>{texts.lines}</h2>
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
    </section>
  );
}
