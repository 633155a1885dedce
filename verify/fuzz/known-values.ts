import type { Operation } from './operations.ts';
import type { Known } from './values.ts';

const KEEP = 40;

/** Values seen in answers, by field; what a path's `{id}` may be is remembered per resource. */
export class KnownValues {
  private readonly seen = new Map<string, unknown[]>();

  /** Learns every scalar field of a JSON answer to a request for `path` (templates or real). */
  learn(path: string, body: unknown): void {
    const resource = resourceOf(path);
    const visit = (value: unknown, name: string, depth: number) => {
      if (Array.isArray(value)) for (const item of value) visit(item, singular(name), depth + 1);
      else if (typeof value === 'object' && value !== null) {
        for (const [key, item] of Object.entries(value)) visit(item, key, depth + 1);
      } else if (value !== null && value !== '') {
        this.add(name, value);
        if (name === 'id' && depth <= 3) this.add(`${resource}/id`, value);
        if (name === 'nextCursor') this.add(`${resource}/cursor`, value);
        if (name === 'id') this.add(`${singular(resource)}Id`, value);
      }
    };
    visit(body, '', 0);
  }

  add(name: string, value: unknown): void {
    const values = this.seen.get(name) ?? [];
    if (values.includes(value)) return;
    values.push(value);
    // The first stay, so that what others refer to remains in play; of the rest the newest.
    if (values.length > KEEP) values.splice(KEEP / 2, 1);
    this.seen.set(name, values);
  }

  /** As the fields and parameters of an operation are named. */
  for(operation: Operation): Known {
    const resource = resourceOf(operation.path);
    return (name) => {
      if (name === 'id' || name === 'cursor') return this.seen.get(`${resource}/${name}`) ?? [];
      return /Id$|^(sku|x-tenant-id|idempotency-key|\w*Number|warehouse|category)$/.test(name)
        ? (this.seen.get(name) ?? [])
        : [];
    };
  }

  /** Everything known, whatever it is called. */
  all(): unknown[] {
    return [...this.seen.values()].flat();
  }
}

/** `/api/v1/orders/{id}/payments` → `orders`. */
function resourceOf(path: string): string {
  return path.split('?')[0]?.split('/')[3] ?? '';
}

function singular(name: string): string {
  return name.replace(/ies$/, 'y').replace(/s$/, '');
}
