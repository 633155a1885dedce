import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { MutatedTree } from './mutated-tree.ts';
import { mutations } from './mutations.ts';

let tree: MutatedTree;

beforeAll(() => {
  // Few requests, always the same: a guard that is gone shows at once.
  vi.stubEnv('FUZZ_REQUESTS', '400');
  vi.stubEnv('FUZZ_SEED', '4');
  tree = new MutatedTree();
});

afterAll(() => {
  vi.unstubAllEnvs();
  tree?.remove();
});

describe('mutations', () => {
  it('the tree as it is passes the scenario', async () => {
    const { exitCode, output } = await tree.run('kpis');
    expect(output).toMatch(/^No difference/m);
    expect(exitCode).toBe(0);
  }, 180_000);

  // One copy of the tree, one bug at a time.
  for (const mutation of mutations) {
    it(`${mutation.name}: red in ${mutation.check}`, async () => {
      const { exitCode, output } = await tree.with(mutation, () => tree.run(mutation.check, mutation.test));
      expect(output).toMatch(mutation.says);
      expect(exitCode).toBe(1);
    }, 180_000);
  }
});
