import { NumberTaken } from '../again.ts';
import { type Constraints, refusing } from '../constraints.ts';

/** What the constraints on orders mean to a client. */
export const orderConstraints: Constraints = {
  orders_tenant_id_order_number_key: ['orderNumber', 'is taken by another order'],
  returns_tenant_id_return_number_key: ['returnNumber', 'is taken by another return'],
};

const NUMBERS: readonly unknown[] = ['orders_tenant_id_order_number_key', 'returns_tenant_id_return_number_key'];

/** Runs `work`; refusals of the database become problems, or NumberTaken where the number was `drawn` by us. */
export function orderRefusals<T>(drawn: boolean, work: () => Promise<T>): Promise<T> {
  return refusing(orderConstraints, async () => {
    try {
      return await work();
    } catch (cause) {
      const { constraint } = cause as { constraint?: unknown };
      if (drawn && NUMBERS.includes(constraint)) throw new NumberTaken('a drawn number is taken', { cause });
      throw cause;
    }
  });
}
