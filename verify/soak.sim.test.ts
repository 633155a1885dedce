import { expect, it } from 'vitest';
import { runSoak } from './soak.ts';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e6));

// Red when anything is lost, doubled or left stale by a crash: see mutations/mutations.ts.
it('nothing is lost, doubled or stale after 20 kills of random processes', async () => {
  const report = await runSoak({ kills: 20, minutes: 2, seed, brands: 2, writers: 2 });
  expect(
    report.verification,
    `again: SEED=${seed} npx vitest run verify/soak.sim.test.ts (${report.dir})`,
  ).toMatchObject({
    ok: true,
    differing: 0,
  });
  expect(report.kills).toHaveLength(20);
  expect(report.traffic.committed).toBeGreaterThan(50);
}, 900_000);
