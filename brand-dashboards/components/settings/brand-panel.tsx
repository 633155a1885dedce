import { useState } from 'react';
import { Panel } from '../../../ui/components/panel.tsx';
import { texts } from '../../texts.ts';
import { useBrand } from './brand.ts';
import { BrandForm } from './brand-form.tsx';
import { Definitions } from './definitions.tsx';

const t = texts.settings;

/** The brand's name, zone and currency; a form for those who may change them. */
export function BrandPanel({ mayConfigure }: { readonly mayConfigure: boolean }) {
  const { data: shown, error, refetch } = useBrand();
  const [outcome, setOutcome] = useState<'changed' | 'outdated' | null>(null);
  return (
    <Panel
      title={t.brand}
      of={shown}
      awaited={{ height: mayConfigure ? 330 : 96 }}
      problem={error}
      retry={() => void refetch()}
    >
      {(brand) => (
        <>
          {mayConfigure ? (
            <BrandForm key={brand.etag} brand={brand} onOutcome={setOutcome} />
          ) : (
            <Definitions
              pairs={[
                [t.name, brand.value.name],
                [t.slug, brand.value.slug],
                [t.timezone, brand.value.timezone],
                [t.currency, brand.value.currency],
                [t.negativeStock, brand.value.allowNegativeStock ? t.yes : t.no],
              ]}
            />
          )}
          <p className={outcome === 'outdated' ? 'note' : 'done'} role="status" hidden={outcome === null}>
            {outcome === null ? '' : t[outcome]}
          </p>
        </>
      )}
    </Panel>
  );
}
