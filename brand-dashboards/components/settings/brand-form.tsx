import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { type ApiProblem, api, type Versioned } from '../../../ui/api.ts';
import { Failure } from '../../../ui/components/failure.tsx';
import { Field, isOfForm } from '../../../ui/components/field.tsx';
import { texts as kit } from '../../../ui/texts.ts';
import { texts } from '../../texts.ts';
import { BRAND_PATH, type Brand } from './brand.ts';

const t = texts.settings;
const FIELDS = ['name', 'timezone', 'currency', 'allowNegativeStock'];

type Changes = Pick<Brand, 'name' | 'timezone' | 'currency' | 'allowNegativeStock'>;

export interface BrandFormProps {
  readonly brand: Versioned<Brand>;
  /** Called before the brand is read again: the form is made anew with its values then. */
  readonly onOutcome: (outcome: 'changed' | 'outdated') => void;
}

/** Changes the brand: what differs is sent, against the version that is shown. */
export function BrandForm({ brand: { value: brand, etag }, onOutcome }: BrandFormProps) {
  const queries = useQueryClient();
  const [timezone, setTimezone] = useState(brand.timezone);
  const [currency, setCurrency] = useState(brand.currency);
  const change = useMutation<unknown, ApiProblem, Partial<Changes>>({
    mutationFn: (body) => api(BRAND_PATH, { method: 'PATCH', body, headers: { 'if-match': etag } }),
    onSuccess: () => refresh('changed'),
    onError: ({ status }) => (status === 412 ? refresh('outdated') : undefined),
  });
  const refresh = async (outcome: 'changed' | 'outdated') => {
    onOutcome(outcome);
    await Promise.all(['brand', 'session'].map((key) => queries.invalidateQueries({ queryKey: [key] })));
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const wanted: Changes = {
      name: String(form.get('name')).trim(),
      ...{ timezone, currency },
      allowNegativeStock: form.get('allowNegativeStock') !== null,
    };
    const changes = Object.entries(wanted).filter(([key, value]) => brand[key as keyof Changes] !== value);
    change.mutate(Object.fromEntries(changes));
  };
  const { error: problem } = change;
  return (
    <form className="form" onSubmit={submit}>
      <div className="form-row">
        <Field label={t.name} name="name" problem={problem} hint={`${t.slug}: ${brand.slug}. ${t.slugHint}`}>
          {(control) => <input {...control} required maxLength={200} defaultValue={brand.name} />}
        </Field>
        <Field label={t.timezone} name="timezone" problem={problem} hint={t.timezoneHint(nowIn(timezone))}>
          {(control) => (
            <select {...control} value={timezone} onChange={(event) => setTimezone(event.target.value)}>
              {withCurrent(Intl.supportedValuesOf('timeZone'), brand.timezone).map((zone) => (
                <option key={zone}>{zone}</option>
              ))}
            </select>
          )}
        </Field>
        <Field label={t.currency} name="currency" problem={problem} hint={t.currencyHint}>
          {(control) => (
            <select {...control} value={currency} onChange={(event) => setCurrency(event.target.value)}>
              {withCurrent(Intl.supportedValuesOf('currency'), brand.currency).map((code) => (
                <option key={code} value={code}>
                  {code} – {currencyNames.of(code)}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <label className="choice">
        <input type="checkbox" name="allowNegativeStock" defaultChecked={brand.allowNegativeStock} />
        <span>
          {t.negativeStock} <small>{t.negativeStockHint}</small>
        </span>
      </label>
      {timezone === brand.timezone ? null : <p className="note">{t.zoneChange}</p>}
      {currency === brand.currency ? null : <p className="note">{t.currencyChange(currency)}</p>}
      {isOfForm(problem, FIELDS) ? <Failure problem={problem} /> : null}
      <div className="form-actions" data-align="start">
        <button type="submit" className="button button-primary" disabled={change.isPending}>
          {kit.save}
        </button>
        <span className="note">{t.brandHint}</span>
      </div>
    </form>
  );
}

const currencyNames = new Intl.DisplayNames('en', { type: 'currency' });

/** The browser's list may lack what the brand has: an older name of a zone. */
function withCurrent(known: readonly string[], current: string): string[] {
  return [...new Set([...known, current])].sort();
}

/** Day and time of a zone at this moment. */
function nowIn(timeZone: string): string {
  const options = {
    timeZone,
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    hour: '2-digit',
    minute: '2-digit',
  } as const;
  return new Intl.DateTimeFormat('en-GB', options).format(new Date());
}
