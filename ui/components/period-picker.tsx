import { Popover } from 'radix-ui';
import { type FormEvent, memo, useState } from 'react';
import { formatDays } from '../days.ts';
import { COMPARISONS, type Comparison, type PageState, PRESETS, type Preset } from '../page-state.ts';
import { texts } from '../texts.ts';

export interface PeriodPickerProps {
  readonly state: PageState;
  readonly onChange: (change: Partial<PageState>) => void;
  /** False where nothing is compared. */
  readonly hasComparison?: boolean;
}

/** Period and comparison of a page; both stand in its URL. */
export const PeriodPicker = memo(function PeriodPicker({ state, onChange, hasComparison = true }: PeriodPickerProps) {
  const isCompared = hasComparison && state.compare !== 'none';
  const comparison = isCompared ? `, ${texts.versus(COMPARISONS[state.compare])}` : '';
  return (
    <div className="period-picker">
      <p className="print-only number">
        {nameOf(state)}
        {comparison}
      </p>
      <PeriodMenu state={state} onChange={onChange} />
      <label className="select" hidden={!hasComparison}>
        <span className="visually-hidden">{texts.compareWith}</span>
        <select value={state.compare} onChange={(event) => onChange({ compare: event.target.value as Comparison })}>
          {Object.entries(COMPARISONS).map(([id, name]) => (
            <option key={id} value={id}>
              {id === 'none' ? name : texts.versus(name)}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
});

const nameOf = (state: PageState) =>
  state.period === 'custom' ? formatDays(state.from ?? '', dayBefore(state.to ?? '')) : PRESETS[state.period];

/** Period of a page, without a comparison. */
export function PeriodMenu({ state, onChange }: PeriodPickerProps) {
  const [isOpen, setOpen] = useState(false);
  const choose = (change: Partial<PageState>) => {
    onChange(change);
    setOpen(false);
  };
  const name = nameOf(state);
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger className="button" aria-label={`${texts.period}: ${name}`}>
        <span className="number">{name}</span> <span aria-hidden="true">▾</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="popover period-menu" sideOffset={6} collisionPadding={12} align="end">
          <ul>
            {Object.entries(PRESETS).map(([id, title]) => (
              <li key={id}>
                <button
                  type="button"
                  aria-current={state.period === id}
                  onClick={() => choose({ period: id as Preset, from: undefined, to: undefined })}
                >
                  {title}
                </button>
              </li>
            ))}
          </ul>
          <CustomPeriod state={state} choose={choose} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function CustomPeriod({ state, choose }: { state: PageState; choose: (change: Partial<PageState>) => void }) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [from, until] = [String(form.get('from')), String(form.get('until'))];
    if (from !== '' && until !== '' && from <= until) choose({ period: 'custom', from, to: dayAfter(until) });
  };
  return (
    <form className="custom-period" onSubmit={submit}>
      <label>
        {texts.from}
        <input type="date" name="from" required defaultValue={state.from} />
      </label>
      <label>
        {texts.until}
        <input type="date" name="until" required defaultValue={state.to ? dayBefore(state.to) : undefined} />
      </label>
      <button type="submit" className="button">
        {texts.apply}
      </button>
    </form>
  );
}

const shifted = (day: string, by: number) =>
  day === '' ? '' : new Date(Date.parse(`${day}T00:00:00Z`) + by * 86_400_000).toISOString().slice(0, 10);
const dayAfter = (day: string) => shifted(day, 1);
const dayBefore = (day: string) => shifted(day, -1);
