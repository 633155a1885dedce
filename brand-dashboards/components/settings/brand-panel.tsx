import { useState } from 'react';
import { Failure } from '../../../ui/components/failure.tsx';
import { texts } from '../../texts.ts';
import { useBrand } from './brand.ts';
import { BrandForm } from './brand-form.tsx';
import { Definitions } from './definitions.tsx';

const t = texts.settings;

/** The brand's name, zone and currency; a form for those who may change them. */
export function BrandPanel({ mayConfigure }: { readonly mayConfigure: boolean }) {
  const { data: brand, error, refetch } = useBrand();
  const [outcome, setOutcome] = useState<'changed' | 'outdated' | null>(null);
  return (
    <section className="panel" aria-labelledby="settings-brand">
      <header className="panel-head">
        <h2 id="settings-brand">{t.brand}</h2>
      </header>
      {error ? (
        <Failure problem={error} retry={() => void refetch()} />
      ) : brand === undefined ? (
        <div className="skeleton" style={{ height: mayConfigure ? 330 : 96 }} aria-hidden="true" />
      ) : mayConfigure ? (
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
    </section>
  );
}
