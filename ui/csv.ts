import type { Column } from './components/data-table.tsx';

/** RFC 4180; a text that a spreadsheet would take for a formula is kept a text. */
export function toCsv<R>(rows: readonly R[], columns: readonly Column<R>[]): string {
  const field = (value: string | number | null | undefined) => {
    if (value === null || value === undefined) return '';
    const text = typeof value === 'string' && /^[=+@\t\r]|^-(?![\d.])/.test(value) ? `'${value}` : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = [
    columns.map(({ title }) => field(title)),
    ...rows.map((row) => columns.map(({ value }) => field(value(row)))),
  ];
  return `${lines.map((line) => line.join(',')).join('\r\n')}\r\n`;
}

/** Hands a text, or what a data URL holds, to the user as a file. */
export function download(name: string, content: string): void {
  const isUrl = content.startsWith('data:');
  const url = isUrl ? content : URL.createObjectURL(new Blob(['\ufeff', content], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  if (!isUrl) URL.revokeObjectURL(url);
}
