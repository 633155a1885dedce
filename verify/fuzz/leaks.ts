import { MARKER, type Marks } from './marked-brand.ts';
import type { Answer, Call } from './testing.ts';

const SECRETS = new RegExp(`${MARKER.source}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`, 'g');

/** Finds marks and ids of the marked brand in what another is told. */
export class Leaks {
  private readonly secrets: ReadonlySet<string>;
  private readonly written = new Set<string>();

  constructor(marks: Marks) {
    this.secrets = new Set([...marks.markers, ...marks.ids]);
  }

  /** Those in the text. */
  in(text: string): string[] {
    return [...new Set(text.match(SECRETS) ?? [])].filter((found) => this.secrets.has(found));
  }

  /** Those in the answer that were neither in the question nor written by the asker before. */
  of(call: Call, answer: Answer): string[] {
    const told = this.in(`${JSON.stringify([...answer.headers])} ${answer.text}`);
    if (told.length === 0) return told;
    const said = new Set(this.in(`${JSON.stringify(call)} ${decodeURIComponent(safe(call.url))}`));
    return told.filter((secret) => !said.has(secret) && !this.written.has(secret));
  }

  /**
   * To be called with every write: a text that the asker stored in a row of its own (a category called as the other's is) is told
   * rightly from then on. Only whole texts of an accepted body count, of a bulk request those of the accepted items; never ids.
   */
  remember(call: Call, answer: Answer): void {
    if (answer.status >= 300 || call.body === undefined) return;
    const body = JSON.parse(call.body) as { items?: unknown[] };
    const { results } = JSON.parse(answer.text || '{}') as { results?: { index: number; status: number }[] };
    const accepted = results?.filter(({ status }) => status < 300).map(({ index }) => body.items?.[index]) ?? body;
    for (const text of textsIn(accepted)) if (/^mark-/.test(text) && this.secrets.has(text)) this.written.add(text);
  }
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

const safe = (url: string) => url.replaceAll(/%(?![0-9a-fA-F]{2})/g, '%25');
