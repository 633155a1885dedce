/** Units of a variant that a warehouse can give; below zero where more was sold than is there. */
export interface Level {
  readonly variantId: string;
  readonly warehouseId: string;
  readonly available: number;
}

export interface Share {
  /** Place of the line. */
  readonly line: number;
  readonly variantId: string;
  readonly warehouseId: string;
  readonly quantity: number;
}

export interface Shortage {
  readonly variantId: string;
  readonly wanted: number;
  readonly available: number;
}

export interface AllocationRules {
  /** Ids of the warehouses to take from, in this order. */
  readonly warehouses: readonly string[];
  /** Whether the first warehouse gives what it does not have. */
  readonly allowNegative: boolean;
}

/**
 * Which warehouse gives how many units to which line: the warehouses in their order, the lines in theirs. Where there is too little, the
 * shortages, one per variant, and no shares.
 */
export function allocate(
  lines: readonly { readonly variantId: string; readonly quantity: number }[],
  levels: readonly Level[],
  { warehouses, allowNegative }: AllocationRules,
): { shares: Share[]; short: Shortage[] } {
  const left = new Map(
    levels.map((level) => [`${level.variantId} ${level.warehouseId}`, Math.max(0, level.available)]),
  );
  const shares: Share[] = [];
  const lacking = new Set<string>();
  for (const [line, { variantId, quantity }] of lines.entries()) {
    let wanted = quantity;
    const taken = warehouses.map((warehouseId) => {
      const key = `${variantId} ${warehouseId}`;
      const units = Math.min(wanted, left.get(key) ?? 0);
      left.set(key, (left.get(key) ?? 0) - units);
      wanted -= units;
      return units;
    });
    if (allowNegative && taken.length > 0) taken[0] = (taken[0] ?? 0) + wanted;
    else if (wanted > 0) lacking.add(variantId);
    for (const [at, units] of taken.entries()) {
      if (units > 0) shares.push({ line, variantId, warehouseId: warehouses[at] as string, quantity: units });
    }
  }
  const short = [...lacking].map((variantId) => ({
    variantId,
    wanted: sum(lines.filter((line) => line.variantId === variantId).map(({ quantity }) => quantity)),
    available: sum(
      levels
        .filter((level) => level.variantId === variantId && warehouses.includes(level.warehouseId))
        .map(({ available }) => Math.max(0, available)),
    ),
  }));
  return short.length > 0 ? { shares: [], short } : { shares, short };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
