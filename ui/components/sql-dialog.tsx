import { useQuery } from '@tanstack/react-query';
import { Dialog } from 'radix-ui';
import { type ApiProblem, api } from '../api.ts';
import type { KpiQuery } from '../kpi.ts';
import { inBrandDays } from '../looking-at.ts';
import { texts } from '../texts.ts';
import { DialogContent } from './dialog-content.tsx';
import { Failure } from './failure.tsx';

/** The SQL that gives the same figures (POST /api/v1/kpis/explain). */
export function SqlDialog({ query, brand, onClose }: { query: KpiQuery | null; brand?: string; onClose: () => void }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['explain', query, brand],
    queryFn: () =>
      api<{ sql: string }>('/api/v1/kpis/explain', {
        method: 'POST',
        body: query && inBrandDays(query, brand),
        headers: brand === undefined ? {} : { 'x-tenant-id': brand },
      }),
    enabled: query !== null,
    retry: false,
  });
  return (
    <Dialog.Root open={query !== null} onOpenChange={(open) => (open ? undefined : onClose())}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <DialogContent className="sql-dialog" aria-describedby={undefined}>
          <header className="panel-head">
            <Dialog.Title asChild>
              <h2>{texts.openAsSql}</h2>
            </Dialog.Title>
            <div className="panel-tools">
              <button
                type="button"
                className="button"
                onClick={() => void navigator.clipboard.writeText(data?.sql ?? '')}
              >
                {texts.copy}
              </button>
              <Dialog.Close className="button">{texts.close}</Dialog.Close>
            </div>
          </header>
          {error ? (
            <Failure problem={error as ApiProblem} retry={() => void refetch()} />
          ) : (
            <pre>{data?.sql ?? '…'}</pre>
          )}
        </DialogContent>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
