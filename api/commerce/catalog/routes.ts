import type { App, CommerceRoom } from '../room.ts';
import { addCategories } from './category-routes.ts';
import { addPrices } from './price-routes.ts';
import { addProducts } from './product-routes.ts';
import { addVariants } from './variant-routes.ts';

/** The catalogue: products, variants, categories, prices. */
export function addCatalog(app: App, room: CommerceRoom): void {
  addProducts(app, room);
  addVariants(app, room);
  addCategories(app, room);
  addPrices(app, room);
}
