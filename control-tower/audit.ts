// Who did what: entries of GET /api/v1/audit-logs, chosen by what stands in the page's URL.
import { send } from '../ui/api.ts';
import { usePages } from '../ui/pages.ts';

export interface AuditEntry {
  readonly id: string;
  readonly tenantId: string | null;
  readonly actorId: string | null;
  readonly actor: string | null;
  readonly resourceType: string;
  readonly resourceId: string | null;
  readonly action: string;
  readonly oldValues: Readonly<Record<string, unknown>> | null;
  readonly newValues: Readonly<Record<string, unknown>> | null;
  readonly ipAddress: string | null;
  readonly createdAt: string;
}

/** As the URL has them; days are UTC, `until` is included. */
export interface AuditFilters {
  readonly brand?: string;
  readonly who?: string;
  readonly action?: string;
  readonly entity?: string;
  readonly id?: string;
  readonly from?: string;
  readonly until?: string;
}

const NAMES = ['brand', 'who', 'action', 'entity', 'id', 'from', 'until'] as const;

export function filtersOf(search: Record<string, unknown>): AuditFilters {
  const given = NAMES.filter((name) => search[name] !== undefined && String(search[name]) !== '');
  return Object.fromEntries(given.map((name) => [name, String(search[name])]));
}

/** The parameters and headers that ask for them. */
export function questionOf({ brand, who, action, entity, id, from, until }: AuditFilters) {
  const dayAfter = until && new Date(Date.parse(`${until}T00:00:00Z`) + 86_400_000).toISOString();
  const parameters = {
    ...(who ? (/^[0-9a-f-]{36}$/.test(who) ? { actorId: who } : { actor: who }) : {}),
    ...{ action, resourceType: entity, resourceId: id, to: dayAfter },
    from: from && `${from}T00:00:00Z`,
  };
  const headers: Record<string, string> = brand === undefined ? {} : { 'x-tenant-id': brand };
  return { parameters: Object.fromEntries(Object.entries(parameters).filter(isGiven)), headers };
}

const isGiven = (entry: [string, string | undefined]): entry is [string, string] => entry[1] !== undefined;

export function useAuditEntries(filters: AuditFilters) {
  const { parameters, headers } = questionOf(filters);
  return usePages<AuditEntry>({ key: 'audit', path: '/api/v1/audit-logs', parameters, headers });
}

/** All entries that match, as the server's CSV, into a file. */
export async function exportAudit(filters: AuditFilters): Promise<void> {
  const { parameters, headers } = questionOf(filters);
  const response = await send(`/api/v1/audit-logs/export?${new URLSearchParams(parameters)}`, { headers });
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  Object.assign(link, { href: url, download: 'audit.csv' });
  link.click();
  URL.revokeObjectURL(url);
}
