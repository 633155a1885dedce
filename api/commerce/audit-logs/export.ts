import type { AuditEntry } from './entries.ts';

/** Entries of a read; a page of the file. */
export const EXPORT_PAGE = 1_000;

const columns = [
  'time',
  'brand',
  'who',
  'action',
  'entity',
  'entity_id',
  'old',
  'new',
  'ip_address',
  'user_agent',
  'id',
];

/**
 * All entries as CSV (RFC 4180), read a page at a time as the client takes them. A read that fails breaks the answer off: a file that ends
 * well is whole.
 *
 * @param first the first page, @param more the entries after an id, @param slugs brand id → slug.
 */
export function auditCsv(
  first: readonly AuditEntry[],
  more: (before: string) => Promise<AuditEntry[]>,
  slugs: ReadonlyMap<string, string>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let page: readonly AuditEntry[] | null = null;
  return new ReadableStream({
    pull: async (controller) => {
      if (page === null) {
        page = first;
        controller.enqueue(encoder.encode(`\ufeff${columns.join(',')}\r\n`));
      } else {
        page = await more(page.at(-1)?.id ?? '');
      }
      if (page.length > 0) controller.enqueue(encoder.encode(page.map((entry) => line(entry, slugs)).join('')));
      if (page.length < EXPORT_PAGE) controller.close();
    },
  });
}

function line(entry: AuditEntry, slugs: ReadonlyMap<string, string>): string {
  const { createdAt, tenantId, actor, actorId, action, resourceType, resourceId, oldValues, newValues } = entry;
  const brand = tenantId === null ? '' : (slugs.get(tenantId) ?? tenantId);
  const values = [oldValues, newValues].map((value) => (value === null ? '' : JSON.stringify(value)));
  const fields = [createdAt, brand, actor ?? actorId ?? '', action, resourceType, resourceId ?? '', ...values];
  return `${[...fields, entry.ipAddress ?? '', entry.userAgent ?? '', entry.id].map(field).join(',')}\r\n`;
}

/** A text that a spreadsheet would take for a formula is kept a text. */
function field(value: string): string {
  const text = /^[=+@\t\r-]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
