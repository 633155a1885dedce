import type { Constraints } from '../constraints.ts';

/** What the constraints of the catalogue mean to a client. */
export const catalogConstraints: Constraints = {
  product_variants_tenant_id_sku_key: ['sku', 'is taken by another variant'],
  product_variants_tenant_id_product_id_fkey: ['productId', 'there is no such product'],
  categories_name: ['name', 'is taken by another category'],
  prices_list_overlap: [
    'validFrom',
    'another list price of this variant, currency and minQuantity is valid at the same time',
  ],
};
