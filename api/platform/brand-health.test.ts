import { expect, it } from 'vitest';
import { type HealthInput, healthOf, rules } from './brand-health.ts';

const fine = {
  orders: 90,
  net_sales: '1000.0000',
  on_time_rate: '0.970000',
  cancellation_rate: '0.020000',
  return_rate_value: '0.050000',
};
const brand: HealthInput = { slug: 'atlas', isSuspended: false, now: fine, before: fine, alerts: [] };
const alert = (about: 'dead-letters' | 'drift' | 'brand', slug = 'atlas') => ({
  ...({ id: about, tone: 'bad', about, title: '', effect: '', brands: [slug], since: null } as const),
});

// One case per rule, in the order of their weight: a rule that is added needs its own.
const cases: readonly [id: string, change: Partial<HealthInput>, reason: string][] = [
  ['dead-letters', { alerts: [alert('dead-letters')] }, 'changes of it wait to be applied'],
  ['drift', { alerts: [alert('drift')] }, 'rows of it differ from Postgres'],
  ['no-orders', { now: {} }, 'no orders, but had some before'],
  ['late', { now: { ...fine, on_time_rate: '0.799999' } }, '80.0% delivered on time'],
  ['sales-down', { now: { ...fine, net_sales: '699.0000' } }, 'net sales down 30.1%'],
  ['quiet', { alerts: [alert('brand')] }, 'no orders in its usual hours'],
  ['some-late', { now: { ...fine, on_time_rate: '0.910000' } }, '91.0% delivered on time'],
  ['cancelled', { now: { ...fine, cancellation_rate: '0.061000' } }, '6.1% cancelled'],
  ['returned', { now: { ...fine, return_rate_value: '0.151000' } }, '15.1% of sales returned'],
];

it('knows a case for each rule', () => expect(cases.map(([id]) => id)).toEqual(rules.map(({ id }) => id)));

it.each(cases)('%s', (id, change, reason) => {
  const health = healthOf({ ...brand, ...change });
  expect([rules[health.rank]?.id, health.reasons[0]]).toEqual([id, reason]);
  expect(health.tone).toBe(rules[health.rank]?.tone);
});

it('is as usual at each threshold, without other figures than orders, without a comparison, and by what concerns others', () => {
  const edge = {
    orders: 1,
    net_sales: '700.0000',
    on_time_rate: '0.920000',
    cancellation_rate: '0.06',
    return_rate_value: '0.15',
  };
  for (const change of [
    { now: edge },
    { before: null },
    { now: { orders: 1 }, before: {} },
    { alerts: [alert('drift', 'borea')] },
  ])
    expect(healthOf({ ...brand, ...change })).toMatchObject({ tone: 'good', reasons: ['as usual'] });
});

it('is neither well nor ill without any order', () => {
  for (const change of [
    { now: {}, before: {} },
    { now: { orders: 0 }, before: null },
  ])
    expect(healthOf({ ...brand, ...change })).toMatchObject({ tone: 'off', reasons: ['no orders'] });
});

it('tells every reason, the heaviest first; a suspended brand has none of its own', () => {
  const now = { ...fine, on_time_rate: '0.5', cancellation_rate: '0.2' };
  expect(healthOf({ ...brand, now }).reasons).toEqual(['50.0% delivered on time', '20.0% cancelled']);
  expect(healthOf({ ...brand, now, isSuspended: true })).toMatchObject({ tone: 'off', reasons: ['suspended'] });
});
