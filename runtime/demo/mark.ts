import { z } from 'zod';
import type { CommerceDatabase } from '../../api/commerce/database.ts';

const markSchema = z.object({
  seed: z.number().int(),
  /** When the history ends. */
  end: z.iso.datetime(),
  volume: z.number().positive(),
  /** Set in the transaction that writes the brand's history. */
  whole: z.boolean().optional(),
});

/** What a demo brand's settings tell of its history, under `demo`. */
export type DemoMark = z.output<typeof markSchema>;

export interface DemoState {
  /** `foreign`: there are brands, and none is of the demo. `partial`: some demo brands have no history yet. */
  readonly state: 'empty' | 'foreign' | 'partial' | 'seeded';
  readonly mark: DemoMark | null;
  /** Slugs of the demo brands whose history is whole. */
  readonly whole: readonly string[];
}

const settingsSchema = z.looseObject({ demo: markSchema.optional().catch(undefined) });

/** How far the demo of a store is. */
export async function readDemo(database: CommerceDatabase): Promise<DemoState> {
  const rows = await database.asPlatform({}, (trx) => trx.selectFrom('tenants').select(['slug', 'settings']).execute());
  const demo = rows.flatMap(({ slug, settings }) => {
    const { demo: mark } = settingsSchema.parse(settings);
    return mark ? [{ slug, mark }] : [];
  });
  const whole = demo.filter(({ mark }) => mark.whole === true).map(({ slug }) => slug);
  const [first] = demo;
  if (first)
    return {
      state: whole.length === demo.length ? 'seeded' : 'partial',
      mark: { ...first.mark, whole: undefined },
      whole,
    };
  return { state: rows.length === 0 ? 'empty' : 'foreign', mark: null, whole };
}
