import { Problem } from '../../problem.ts';

export interface OpenLine {
  readonly id: string;
  readonly variantId: string;
  readonly sku: string;
  /** Units that have not left. */
  readonly open: number;
  /** What of it the order holds, by warehouse in the order of their codes; empty for orders that never took stock, such as imported ones. */
  readonly holdings: readonly { readonly allocationId: string; readonly warehouseId: string; readonly open: number }[];
}

export interface Parcel {
  /** Null where no stock is known. */
  readonly warehouseId: string | null;
  readonly lines: { readonly line: OpenLine; readonly allocationId: string | null; readonly quantity: number }[];
}

export interface Wanted {
  readonly orderItemId: string;
  readonly quantity: number;
}

/**
 * Which units leave from which warehouse: those of `wanted`, or all that are open; only from `warehouseId` if given. One parcel
 * per warehouse. Throws where more is wanted than is open, or held there.
 */
export function planShipment(
  open: readonly OpenLine[],
  wanted: readonly Wanted[] | undefined,
  warehouseId: string | null,
): Parcel[] {
  const byId = new Map(open.map((line) => [line.id, line]));
  const parcels = new Map<string | null, Parcel>();
  const send = (from: string | null, line: OpenLine, allocationId: string | null, quantity: number) => {
    const parcel = parcels.get(from) ?? { warehouseId: from, lines: [] };
    parcel.lines.push({ line, allocationId, quantity });
    parcels.set(from, parcel);
  };
  const demands = wanted ?? open.map((line) => ({ orderItemId: line.id, quantity: line.open }));
  for (const [index, { orderItemId, quantity }] of demands.entries()) {
    const line = byId.get(orderItemId.toLowerCase());
    if (line === undefined) throw refused(index, 'orderItemId', 'there is no such line in this order', 'unprocessable');
    if (quantity > line.open) throw refused(index, 'quantity', `${line.open} of ${line.sku} are still to be shipped`);
    let left = quantity;
    if (line.holdings.length === 0) {
      if (left > 0) send(warehouseId, line, null, left);
      continue;
    }
    for (const { allocationId, warehouseId: from, open: held } of line.holdings) {
      const units = warehouseId === null || from === warehouseId ? Math.min(left, held) : 0;
      if (units > 0) send(from, line, allocationId, units);
      left -= units;
    }
    if (left > 0 && wanted !== undefined) {
      throw refused(index, 'quantity', `${quantity - left} of ${line.sku} are held in this warehouse`);
    }
  }
  return [...parcels.values()];
}

function refused(
  index: number,
  field: string,
  message: string,
  type: 'conflict' | 'unprocessable' = 'conflict',
): Problem {
  return new Problem(type, `lines[${index}].${field}: ${message}.`, {
    errors: [{ path: `lines[${index}].${field}`, message }],
  });
}
