import type { App, CommerceRoom } from '../room.ts';
import { addMoneyRoutes } from './money-routes.ts';
import { Numbers } from './numbers.ts';
import { OrderPlacing } from './order-placing.ts';
import { addOrderRoutes } from './order-routes.ts';
import { addStepRoutes } from './step-routes.ts';

/** Orders: placing them, their steps, payments and returns. */
export function addOrders(app: App, room: CommerceRoom): void {
  const numbers = new Numbers();
  addOrderRoutes(app, room, new OrderPlacing(numbers));
  addStepRoutes(app, room);
  addMoneyRoutes(app, room, numbers);
}
