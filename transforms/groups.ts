import type { GroupKeyColumns } from '../cdc/change-source.ts';

/**
 * Which changed rows make which facts stale: table → the group its rows belong to and the column that holds the group's
 * key. Every raw table a fact reads must be here (a test compares this with the models).
 */
export const GROUP_KEY_COLUMNS: GroupKeyColumns = {
  orders: { group: 'orders', column: 'id' },
  order_items: { group: 'orders', column: 'order_id' },
  shipments: { group: 'orders', column: 'order_id' },
  returns: { group: 'returns', column: 'id' },
  return_items: { group: 'returns', column: 'return_id' },
};
