import type { ReactNode } from 'react';
import { sum } from '../decimal.ts';
import { formatExactSpan, formatFigure, formatTime } from '../format.ts';
import type { Cell, Row, Unit } from '../kpi.ts';
import { type KpiRows, type RowLinks, type RowsQuestion, useRowsQuestion } from '../rows.ts';
import { texts } from '../texts.ts';
import { type Column, DataTable } from './data-table.tsx';

interface RowsTableProps extends RowLinks {
  readonly rows: KpiRows;
  readonly question: RowsQuestion;
}

/** Rows behind a figure, with their sum at the foot. */
export function RowsTable({ rows, question, ...links }: RowsTableProps) {
  const { open } = useRowsQuestion();
  const columns = rowColumns(rows, links, question.brand);
  const { by, direction } = question.orderBy ?? { by: 'time', direction: 'desc' };
  const sortBy = (column: string) => {
    const next = column === 'time' ? 'time' : 'value';
    open({ ...question, orderBy: { by: next, direction: by === next && direction === 'desc' ? 'asc' : 'desc' } });
  };
  const valueColumn = columns.at(-1)?.id ?? 'value';
  return (
    <DataTable
      rows={rows.rows}
      columns={columns}
      caption={texts.rowsBehind(rows.measure.name)}
      empty={texts.noRows}
      keyOf={(row, index) => `${rows.rowsAre.map((name) => row[name]).join('/')} ${index}`}
      sort={{ by: by === 'time' ? 'time' : valueColumn, direction }}
      sortable={['time', valueColumn]}
      onSort={sortBy}
      footer={<Sums rows={rows} columns={columns} />}
    />
  );
}

/** What the shown rows add up to, and what all of them do: that is the figure. */
function Sums({ rows, columns }: { readonly rows: KpiRows; readonly columns: readonly Column<Row>[] }) {
  const isAll = rows.rows.length === rows.count;
  const names = columns.filter(({ isNumber }) => !isNumber).length;
  const shown = (id: string) => sum(rows.rows.map((row) => String(row[id] ?? '0')));
  const line = (label: string, cell: (id: string, unit: string) => string, figure: string) => (
    <tr>
      <th scope="row" colSpan={names}>
        {label}
      </th>
      {rows.parts.map(({ id, unit }) => (
        <td key={id} data-number className="number">
          {cell(id, unit)}
        </td>
      ))}
      {rows.parts.some(({ id }) => id === 'value') ? null : (
        <td data-number className="number">
          {figure}
        </td>
      )}
    </tr>
  );
  const figure = formatFigure(rows.figure, { ...rows.measure, currency: rows.currency });
  const part = (value: string | undefined, unit: string) => formatPart(value, unit, rows);
  if (!rows.addsUp) return line(texts.ofAllRows(rows.measure.name, rows.count), () => '', figure);
  return (
    <>
      {isAll ? null : line(texts.sumShown(rows.rows.length), (id, unit) => part(shown(id), unit), '')}
      {line(texts.sumAll(rows.count), (id, unit) => part(isAll ? shown(id) : rows.total[id], unit), figure)}
    </>
  );
}

/** Columns of the rows, for the table and for the file. */
export function rowColumns(rows: KpiRows, links: RowLinks, brand: string | undefined): Column<Row>[] {
  const { measure, currency, timezone } = rows;
  const isRatio = !rows.parts.some(({ id }) => id === 'value');
  return [
    ...rows.rowsAre.map(
      (name): Column<Row> => ({
        id: name,
        title: texts.rowNames[name as keyof typeof texts.rowNames] ?? name,
        cell: (row) => named(name, row, links, brand),
        value: (row) => row[name],
      }),
    ),
    ...(rows.rows.some(({ time }) => time !== null)
      ? [
          {
            id: 'time',
            title: texts.time,
            cell: (row: Row) => (
              <span className="number">{row.time ? formatTime(String(row.time), timezone, false) : ''}</span>
            ),
            value: (row: Row) => row.time,
          },
        ]
      : []),
    ...rows.parts.map(
      ({ id, name, unit }): Column<Row> => ({
        id,
        title: name,
        isNumber: true,
        cell: (row) => formatPart(row[id], unit, rows),
        value: (row) => row[id],
      }),
    ),
    ...(isRatio
      ? [
          {
            id: 'ratio',
            title: measure.name,
            isNumber: true,
            cell: (row: Row) => formatFigure(row.value, { ...measure, currency }),
            value: (row: Row) => row.value,
          },
        ]
      : []),
  ];
}

function named(name: string, row: Row, { orderLink, customerLink }: RowLinks, brand: string | undefined): ReactNode {
  const value = row[name];
  const of = brand ?? (row.brand === undefined || row.brand === null ? undefined : String(row.brand));
  if (value === null || value === undefined) return <span className="muted">{texts.noOrder}</span>;
  if (name === 'order_number') return orderLink?.(String(value), of) ?? value;
  if (name === 'customer_id') return customerLink?.(String(value), of) ?? value;
  return value;
}

function formatPart(value: Cell | undefined, unit: string, { currency }: KpiRows): string {
  if (unit === 'microseconds') return formatExactSpan(value);
  return formatFigure(value, { id: 'part', unit: unit as Unit, currency });
}
