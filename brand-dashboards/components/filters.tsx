import type { PageState } from '../../ui/page-state.ts';
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
          {one.replace(':', ': ')} <span aria-hidden="true">×</span>
        </button>
      ))}
      <button type="button" className="text-button" onClick={() => onChange({ filter: [] })}>
        {texts.clearFilters}
      </button>
    </p>
  );
}
