import type { Context } from 'hono';
import { type ApiEnv, may } from '../../context.ts';
import { type Created, type KeyedRequest, keepAnswers, keyedRequest, takeKeys } from '../../idempotency.ts';
import { Problem } from '../../problem.ts';
import { again, NumberTaken } from '../again.ts';
import { type BulkResult, createTogether } from '../bulk.ts';
import type { CommerceTransaction } from '../database.ts';
import { created } from '../endpoints.ts';
import { Groups, type Member } from '../groups.ts';
import { Places } from '../places.ts';
import type { BrandScope } from '../scope.ts';
import type { Numbers } from './numbers.ts';
import { MOST_LINES, type NewOrder, newOrderSchema, type Order } from './order-schema.ts';
import { type OrderToPlace, placeOrders } from './place-orders.ts';

export const ordersPath = '/api/v1/orders';

/** Requests to place an order that may wait for the one before; of one brand and actor. */
const WAITING = 500;

/**
 * Groups of orders at work at once, brands in turn, and for how long one counts: while this thread prepares one, one is in Postgres and one
 * waits for the disk. More at once would only be smaller ones, which cost more per order.
 */
const AT_WORK = { places: 3, leaseMs: 100 };

/** A request to place an order. */
interface PlaceRequest {
  readonly scope: BrandScope;
  readonly order: NewOrder;
  readonly contacts: boolean;
  readonly keyed: KeyedRequest | null;
}

type PlaceMember = Member<PlaceRequest>;
type Outcome = PromiseSettledResult<Created<Order>>;

/**
 * Places the orders of requests. Those of one brand and actor that come while an earlier one is being written are placed together: one
 * transaction costs little more for ten orders than for one. Each has its own outcome; one that the database refuses is none of the others' business.
 */
export class OrderPlacing {
  private readonly numbers: Numbers;
  private readonly groups: Groups<PlaceRequest, Created<Order>>;

  constructor(numbers: Numbers) {
    this.numbers = numbers;
    this.groups = new Groups({
      run: (_key, members, signal) => this.placeGroup(members, signal),
      weight: ({ order }) => order.lines.length,
      most: MOST_LINES,
      waiting: WAITING,
      places: new Places(AT_WORK),
      owner: ({ scope }) => scope.tenant.id,
    });
  }

  /** The answer of a creating POST; honours `Idempotency-Key`. Throws what `placeOrders` refuses it for. */
  async place(c: Context<ApiEnv>, scope: BrandScope, order: NewOrder): Promise<Created<Order>> {
    const request = { scope, order, contacts: may(c, 'contacts.read'), keyed: await keyedRequest(c) };
    return this.groups.add(scope.actorKey, request, c.get('signal'));
  }

  /** The answer of a bulk create, a result per order: all in one transaction, each placed or refused by itself. */
  placeBulk(
    c: Context<ApiEnv>,
    scope: BrandScope,
    items: readonly unknown[],
  ): Promise<Created<{ results: BulkResult<Order>[] }>> {
    const contacts = may(c, 'contacts.read');
    const unnumbered = items.filter((item) => (item as NewOrder).orderNumber === undefined).length;
    return this.numbered(scope, unnumbered, (numberOf) =>
      scope.create(async (trx) => {
        const results = await createTogether(trx, items, newOrderSchema, c.get('requestId'), (orders) => {
          const numbered = orders.map((order) => ({ order, contacts, orderNumber: numberOf(order) }));
          return placeOrders(trx, scope.tenant.id, numbered);
        });
        return { status: 200, body: { results } };
      }),
    );
  }

  private async placeGroup(members: readonly PlaceMember[], signal: AbortSignal): Promise<Outcome[]> {
    const firsts: PlaceMember[] = [];
    const repeated: PlaceMember[] = [];
    const keys = new Set<string | undefined>();
    for (const member of members) {
      const key = member.item.keyed?.key;
      (key !== undefined && keys.has(key) ? repeated : firsts).push(member);
      keys.add(key);
    }
    const together = await this.placeTogether(firsts, signal);
    const outcomes = new Map(firsts.map((member, index) => [member, together[index] as Outcome]));
    // They get the answer that the first under their Idempotency-Key got by now.
    for (const member of repeated) {
      const [outcome] = await this.placeTogether([member], signal);
      outcomes.set(member, outcome as Outcome);
    }
    return members.map((member) => outcomes.get(member) as Outcome);
  }

  private async placeTogether(members: readonly PlaceMember[], signal: AbortSignal): Promise<Outcome[]> {
    try {
      return await this.inOneTransaction(members, signal);
    } catch (reason) {
      if (members.length === 1 || !isOfOne(reason)) return members.map(() => ({ status: 'rejected', reason }));
      const outcomes: Outcome[] = [];
      for (const member of members) outcomes.push(...(await this.placeTogether([member], signal)));
      return outcomes;
    }
  }

  private inOneTransaction(members: readonly PlaceMember[], signal: AbortSignal): Promise<Outcome[]> {
    const scope = (members[0] as PlaceMember).item.scope.until(signal);
    const unnumbered = members.filter(({ item }) => item.order.orderNumber === undefined).length;
    return this.numbered(scope, unnumbered, (numberOf) =>
      scope.run((trx) => answerAll(trx, scope.tenant.id, members, numberOf)),
    );
  }

  /** Runs `work` with numbers drawn for up to `count` orders that bring none, and again with others when one turns out to be taken. */
  private numbered<T>(
    scope: Pick<BrandScope, 'tenant' | 'run'>,
    count: number,
    work: (numberOf: (order: NewOrder) => string) => Promise<T>,
  ): Promise<T> {
    const attempt = async () => {
      // Before the transaction: within it, the draw would wait for a turn that others like it hold.
      const drawn = await this.numbers.drawMany(scope, 'order', count);
      const given = new Map<NewOrder, string>();
      return work((order) => {
        const number = order.orderNumber ?? given.get(order) ?? (drawn.pop() as string);
        given.set(order, number);
        return number;
      });
    };
    return again(attempt, () => this.numbers.skipTaken(scope, 'order'));
  }
}

async function answerAll(
  trx: CommerceTransaction,
  tenantId: string,
  members: readonly PlaceMember[],
  numberOf: (order: NewOrder) => string,
): Promise<Outcome[]> {
  const keyed = members.flatMap(({ item }) => item.keyed ?? []);
  const answers = new Map<PlaceMember, Created<Order> | Problem>();
  const earlier = await takeKeys<Order>(trx, tenantId, keyed);
  for (const member of members) {
    const answer = earlier.get(member.item.keyed?.key ?? '');
    if (answer !== undefined) answers.set(member, answer);
  }
  const open = members.filter((member) => !answers.has(member));
  const orders = open.map((member): OrderToPlace => {
    const { order, contacts } = member.item;
    return { order, contacts, orderNumber: numberOf(order), isWanted: () => member.stay() };
  });
  const placed = await placeOrders(trx, tenantId, orders);
  for (const [index, result] of placed.entries()) {
    const answer = result instanceof Problem ? result : created(ordersPath, result);
    answers.set(open[index] as PlaceMember, answer);
  }
  const kept = new Map<KeyedRequest, Created | null>();
  for (const member of open) {
    const answer = answers.get(member) as Created<Order> | Problem;
    if (member.item.keyed !== null) kept.set(member.item.keyed, answer instanceof Problem ? null : answer);
  }
  await keepAnswers(trx, tenantId, kept);
  return members.map((member) => {
    const answer = answers.get(member) as Created<Order> | Problem;
    return answer instanceof Problem ? { status: 'rejected', reason: answer } : { status: 'fulfilled', value: answer };
  });
}

/** Whether a single order may have brought the failure of all: what the database refuses, and what others were at work on. */
function isOfOne(error: unknown): boolean {
  if (error instanceof Problem) return error.type === 'conflict';
  return error instanceof NumberTaken || /^2[23]/.test(String((error as { code?: unknown } | null)?.code));
}
