import type { App, CommerceRoom } from '../room.ts';
import { addReservationRoutes } from './reservation-routes.ts';
import { addStockRoutes } from './stock-routes.ts';
import { addWarehouseRoutes } from './warehouse-routes.ts';

/** Stock and where it lies. */
export function addInventory(app: App, room: CommerceRoom): void {
  addStockRoutes(app, room);
  addReservationRoutes(app, room);
  addWarehouseRoutes(app, room);
}
