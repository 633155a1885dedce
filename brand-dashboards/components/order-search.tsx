import type { FormEvent } from 'react';
import { ORDER_STATUSES } from '../orders.ts';
import { texts } from '../texts.ts';

export interface OrderSearchState {
  readonly status?: string;
  readonly channel?: string;
  readonly country?: string;
  /** What `q` is; the number of an order when absent. */
  readonly by?: 'number' | 'sku' | 'customer';
  readonly q?: string;
}

export interface OrderSearchProps {
  readonly state: OrderSearchState;
  readonly onChange: (part: Partial<OrderSearchState>) => void;
  readonly channels: readonly string[];
  readonly countries: readonly string[];
}

/** What the list of orders is narrowed by; all of it stands in the URL. */
export function OrderSearch({ state, onChange, channels, countries }: OrderSearchProps) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const q = String(form.get('q')).trim();
    onChange({ by: String(form.get('by')) as OrderSearchState['by'], q: q === '' ? undefined : q });
  };
  const isNarrowed = Object.values(state).some((value) => value !== undefined);
  const none = { status: undefined, channel: undefined, country: undefined, by: undefined, q: undefined };
  return (
    <form className="order-search" onSubmit={submit} key={`${state.by} ${state.q}`}>
      <Choice
        name={texts.status}
        all={texts.everyStatus}
        value={state.status}
        options={ORDER_STATUSES.map((status) => [status, texts.statuses[status]])}
        onChange={(status) => onChange({ status })}
      />
      <Choice
        name={texts.dimensions.channel}
        all={texts.everyChannel}
        value={state.channel}
        options={channels.map((channel) => [channel, channel])}
        onChange={(channel) => onChange({ channel })}
      />
      <Choice
        name={texts.dimensions.country}
        all={texts.everyCountry}
        value={state.country}
        options={countries.map((country) => [country, country])}
        onChange={(country) => onChange({ country })}
      />
      <span className="search-field">
        <label className="select">
          <span className="visually-hidden">{texts.searchBy}</span>
          <select name="by" defaultValue={state.by ?? 'number'}>
            {(['number', 'sku', 'customer'] as const).map((by) => (
              <option key={by} value={by}>
                {texts.searchIn[by]}
              </option>
            ))}
          </select>
        </label>
        <input name="q" type="search" aria-label={texts.search} placeholder={texts.search} defaultValue={state.q} />
        <button type="submit" className="button">
          {texts.search}
        </button>
      </span>
      {isNarrowed ? (
        <button type="button" className="text-button" onClick={() => onChange(none)}>
          {texts.clearFilters}
        </button>
      ) : null}
    </form>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly all: string;
  readonly value: string | undefined;
  readonly options: readonly (readonly [string, string])[];
  readonly onChange: (value: string | undefined) => void;
}

function Choice({ name, all, value, options, onChange }: ChoiceProps) {
  // What is chosen stays choosable also where the period has none of it.
  const isKnown = value === undefined || options.some(([id]) => id === value);
  return (
    <label className="select">
      <span className="visually-hidden">{name}</span>
      <select value={value ?? ''} onChange={(event) => onChange(event.target.value || undefined)}>
        <option value="">{all}</option>
        {(isKnown ? options : [...options, [value, value] as const]).map(([id, title]) => (
          <option key={id} value={id}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}
