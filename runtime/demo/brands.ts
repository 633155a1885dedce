import type { BrandPlan } from './brand-plan.ts';
import { harborRoast } from './brands/harbor-roast.ts';
import { maisonVerve } from './brands/maison-verve.ts';
import { moriPaper } from './brands/mori-paper.ts';
import { northlight } from './brands/northlight.ts';
import { outbackTrade } from './brands/outback-trade.ts';
import { taraThreads } from './brands/tara-threads.ts';

/** The demo's brands, the largest first. */
export const demoBrands: readonly BrandPlan[] = [
  harborRoast,
  northlight,
  maisonVerve,
  taraThreads,
  moriPaper,
  outbackTrade,
];
