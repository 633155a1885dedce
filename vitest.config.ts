import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes minutes begins first, so that no worker is left alone with it at the end. */
const LONGEST = [
  'verify/mutations/mutations.db.test.ts',
  'runtime/online-retail.db.test.ts',
  'verify/soak.sim.test.ts',
  'api/commerce/import/online-retail.db.test.ts',
  'verify/browser/every-page.db.test.ts',
  'verify/browser/dashboards.db.test.ts',
  'verify/browser/control-tower.db.test.ts',
  'verify/browser/customers.db.test.ts',
  'verify/verify.db.test.ts',
  'runtime/external-engines.db.test.ts',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = LONGEST.findIndex((name) => moduleId.endsWith(name));
      return place < 0 ? LONGEST.length : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['node_modules/**', '.data/**'],
    // Each .db.test.ts starts engines of its own: two at a time is what two cores carry.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
