import { Problem } from '../../problem.ts';

const OUT_OF_RANGE = '22003';
/** CHECK constraints of inventory. */
const FIGURES: Readonly<Record<string, string>> = {
  inventory_check: 'on hand',
  inventory_allocated_check: 'allocated',
  inventory_reserved_check: 'reserved',
  inventory_incoming_check: 'incoming',
  inventory_damaged_check: 'damaged',
};

/** Runs `work`, which moves stock; a figure that would fall below zero, or grow beyond what is kept, becomes a 409. */
export async function stockRefusals<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { constraint, code } = cause as { constraint?: unknown; code?: unknown };
    const figure = typeof constraint === 'string' ? FIGURES[constraint] : undefined;
    if (figure !== undefined) {
      throw new Problem('insufficient-stock', `There are not that many units ${figure}.`, { cause });
    }
    if (code === OUT_OF_RANGE) throw new Problem('conflict', 'The stock would exceed what can be kept.', { cause });
    throw cause;
  }
}
