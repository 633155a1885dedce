import { expect, it } from 'vitest';
import type { KpiAnswer } from '../ui/kpi.ts';
import { mostReturned } from './most-returned.ts';

const answer = (...rows: readonly (readonly [product: string | null, returns: string, rate: string | null])[]) =>
  ({
    rows: rows.map(([product, returns, rate]) => ({ product, returns, return_rate_value: rate })),
  }) as unknown as KpiAnswer;

it('names the product whose returns are furthest beyond the brand’s rate', () => {
  const rows = answer(['Disc', '500', '0.1'], ['Gloves', '60', '0.02'], ['Anchor', '150', '0.04'], [null, '10', '0.5']);
  expect(mostReturned(rows, '0.015')).toEqual({ product: 'Disc', rate: 0.1 });
});

it('names none that is near the rate, none for one odd parcel, none where nothing came back', () => {
  expect(mostReturned(answer(['Disc', '500', '0.1'], ['Gloves', '400', '0.08']), '0.09')).toBeNull();
  expect(mostReturned(answer(['Odd', '5', '1'], ['Gloves', '400', '0.08']), '0.08')).toBeNull();
  expect(mostReturned(answer(['Disc', '0', '0'], ['Gift', '0', null]), '0')).toBeNull();
  expect(mostReturned(undefined, '0.1')).toBeNull();
});
