import type { PageState } from '../../ui/page-state.ts';
import { texts as kit } from '../../ui/texts.ts';
import { texts } from '../texts.ts';

/** Which slice the page shows, each part removable. */
export function Filters({ state, onChange }: { state: PageState; onChange: (change: Partial<PageState>) => void }) {
  if (state.filter.length === 0) return null;
  return (
    <p className="filters">
      {texts.filteredBy}{' '}
      {state.filter.map((one) => (
        <button
          key={one}
          type="button"
          className="pill"
          onClick={() => onChange({ filter: state.filter.filter((other) => other !== one) })}
        >
          {wordsOf(one)} <span aria-hidden="true">×</span>
        </button>
      ))}
      <button type="button" className="text-button" onClick={() => onChange({ filter: [] })}>
        {texts.clearFilters}
      </button>
    </p>
  );
}

/** `sku:NL-TENT-2P` as people read it. */
function wordsOf(filter: string): string {
  const [, dimension = '', value = ''] = /^([^:]*):(.*)$/s.exec(filter) ?? [];
  return `${kit.dimensions[dimension] ?? dimension}: ${value === '' ? kit.unknown : value}`;
}
