import { isValidElement, type ReactNode } from 'react';
import { useRowsOnPaper } from '../print.ts';
import { texts } from '../texts.ts';
import { ScrollBox } from './scroll-box.tsx';

export interface Column<R> {
  readonly id: string;
  readonly title: string;
  /** As shown. */
  readonly cell: (row: R) => ReactNode;
  /** As exported: exact, unformatted. */
  readonly value: (row: R) => string | number | null | undefined;
  readonly isNumber?: boolean;
  /** Holds long text, which is broken into lines; what is short is not. */
  readonly wraps?: boolean;
}

export interface DataTableProps<R> {
  readonly rows: readonly R[];
  readonly columns: readonly Column<R>[];
  readonly caption: string;
  readonly empty: string;
  readonly onRow?: (row: R) => void;
  readonly sort?: { readonly by: string; readonly direction: 'asc' | 'desc' };
  readonly onSort?: (by: string) => void;
  /** Ids of the columns that can be sorted by; all when absent. */
  readonly sortable?: readonly string[];
  readonly keyOf?: (row: R, index: number) => string;
  /** Rows of the table's foot: sums. */
  readonly footer?: ReactNode;
  /** Pixels; a longer table scrolls within them. */
  readonly maxHeight?: number;
}

/** Rows with aligned figures, in a box that scrolls; on paper the first of them, and how many more there are. Sorting is the caller's, who keeps it in the URL. */
export function DataTable<R>(props: DataTableProps<R>) {
  const { rows, columns, caption, empty, onRow, sort, onSort, sortable, keyOf, footer, maxHeight } = props;
  const shown = rows.slice(0, useRowsOnPaper());
  const left = rows.length - shown.length;
  return (
    <ScrollBox label={caption} maxHeight={maxHeight}>
      <table className="data-table">
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ id, title, isNumber }) => {
              const isSorted = sort?.by === id;
              const order = sort?.direction === 'asc' ? 'ascending' : 'descending';
              return (
                <th key={id} scope="col" data-number={isNumber || undefined} aria-sort={isSorted ? order : undefined}>
                  {onSort && (sortable?.includes(id) ?? true) ? (
                    <button type="button" className="sort" onClick={() => onSort(id)}>
                      {title} <span aria-hidden="true">{isSorted ? (sort?.direction === 'asc' ? '↑' : '↓') : ''}</span>
                    </button>
                  ) : (
                    title
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, index) => (
            <tr
              key={keyOf?.(row, index) ?? index}
              data-clickable={onRow ? true : undefined}
              onClick={onRow ? () => onRow(row) : undefined}
            >
              {columns.map(({ id, cell, isNumber, wraps }, place) => (
                <td
                  key={id}
                  data-number={isNumber || undefined}
                  className={isNumber ? 'number' : wraps ? 'wraps' : undefined}
                >
                  {onRow && place === 0 ? openable(cell(row)) : cell(row)}
                </td>
              ))}
            </tr>
          ))}
          {left > 0 ? (
            <tr>
              <td className="empty" colSpan={columns.length}>
                {texts.moreOnScreen(left)}
              </td>
            </tr>
          ) : null}
          {rows.length === 0 ? (
            <tr>
              <td className="empty" colSpan={columns.length}>
                <p>{empty}</p>
              </td>
            </tr>
          ) : null}
        </tbody>
        {footer ? <tfoot>{footer}</tfoot> : null}
      </table>
    </ScrollBox>
  );
}

/** The keyboard's way to open a row: its first cell is a button (whose click is the row's), unless it has something to press in it. */
function openable(content: ReactNode): ReactNode {
  const isText = typeof content === 'string' || typeof content === 'number';
  if (!isText && !(isValidElement(content) && content.type === 'strong')) return content;
  return (
    <button type="button" className="row-button">
      {content}
    </button>
  );
}
