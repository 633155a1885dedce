import { createRandom, type Random } from '../../../verify/traffic/random.ts';
import type { BrandPlan, CountryPlan, ProductPlan } from '../brand-plan.ts';
import { MINUTE } from '../calendar.ts';
import { money, share, unitsOf } from '../money.ts';
import { NAMES } from '../names.ts';
import { hourShares } from '../seasonality.ts';
import { meanOf, WeightedPick } from '../weighted.ts';
import { type Life, lifeOf } from './life.ts';

/** Someone who comes to buy, with all that is to become of it. */
export interface Visit {
  readonly orderNumber: string;
  readonly at: number;
  readonly customer: {
    readonly number: string;
    readonly contact: { readonly name: string; readonly email: string } | null;
  };
  readonly country: CountryPlan;
  readonly channel: string;
  readonly lines: readonly { readonly sku: string; readonly quantity: number; readonly product: ProductPlan }[];
  /** Decimal text. */
  readonly discount: string;
  readonly shipping: string;
  readonly life: Life;
}

/** Minutes since 1970. */
export const minuteOf = (ms: number): number => Math.floor(ms / MINUTE);

const SEED = 7;

/** A brand and its pace. */
export interface Market {
  readonly plan: BrandPlan;
  /** Orders on the day's average. */
  readonly perMinute: number;
  /** How long (ms) what takes a day in the history takes here; a promise shrinks alike. */
  readonly liveDay: number;
}

/** Share of all brands' orders that is this brand's. */
export function brandShare(plan: BrandPlan, brands: readonly BrandPlan[]): number {
  return plan.ordersPerDay / brands.reduce((sum, { ordersPerDay }) => sum + ordersPerDay, 0);
}

/** Visits of a minute in order, as many as the market's pace and the time of the day ask for. The same minute has the same visits whenever it is asked for. */
export function visitsOf(market: Market, minute: number): Visit[] {
  const { plan, perMinute } = market;
  const random = createRandom(SEED).fork(`${plan.slug} ${minute}`);
  const expected = perMinute * rhythm(plan, minute * MINUTE);
  const count = Math.floor(expected + random.next());
  return Array.from({ length: count }, (_, index) => visit(market, minute, index));
}

/** The visit that led to an order; null when the number is not of live traffic. */
export function visitOfOrder(market: Market, orderNumber: string): Visit | null {
  const [prefix, minute = '', index = ''] = orderNumber.split('-');
  if (prefix !== market.plan.prefix || !/^L[0-9a-z]+$/.test(minute) || !/^\d+$/.test(index)) return null;
  return visit(market, Number.parseInt(minute.slice(1), 36), Number(index));
}

/** Units of a product's variants sold per minute, on average. */
export function unitsPerMinute({ plan, perMinute }: Market, product: ProductPlan): number {
  const all = plan.products.reduce((sum, { weight }) => sum + weight, 0);
  const variants = product.variants?.length ?? 1;
  return (perMinute * meanOf(plan.lines) * meanOf(plan.units) * product.weight) / all / variants;
}

/** Demand now, in the brand's zone, relative to the average. */
function rhythm(plan: BrandPlan, at: number): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: plan.timezone,
    hour: 'numeric',
    hourCycle: 'h23',
    weekday: 'short',
  }).formatToParts(at);
  const part = (type: string) => parts.find((candidate) => candidate.type === type)?.value ?? '';
  const weekday = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(part('weekday'));
  const mean = plan.weekdays.reduce((sum, weight) => sum + weight, 0) / 7;
  return (24 * (hourShares(plan.hours)[Number(part('hour'))] as number) * (plan.weekdays[weekday] as number)) / mean;
}

function visit({ plan, liveDay }: Market, minute: number, index: number): Visit {
  const random = createRandom(SEED).fork(`${plan.slug} ${minute} ${index}`);
  const at = minute * MINUTE + Math.floor(MINUTE * random.next());
  const orderNumber = `${plan.prefix}-L${minute.toString(36)}-${index}`;
  const country = new WeightedPick(plan.countries.map((one) => [one, one.weight] as const)).pick(random);
  const lines = basket(plan, random);
  const gross = lines.reduce((sum, { product, quantity }) => sum + unitsOf(product.price) * quantity, 0);
  const discount = random.chance(0.05) ? share(gross, 10, 100) : 0;
  const fee = gross - discount < unitsOf(plan.shipping.freeFrom) ? unitsOf(plan.shipping.fee) : 0;
  return {
    orderNumber,
    at,
    customer: customer(plan, random, orderNumber),
    country,
    channel: new WeightedPick(plan.channels).pick(random),
    lines,
    discount: money(discount),
    shipping: money(fee),
    life: lifeOf({ plan, random, liveDay }, at, country, lines),
  };
}

function basket(plan: BrandPlan, random: Random): Visit['lines'] {
  const products = new WeightedPick(plan.products.map((product) => [product, product.weight] as const));
  const wanted = new WeightedPick(plan.lines).pick(random);
  const units = new WeightedPick(plan.units);
  const lines = new Map<string, Visit['lines'][number]>();
  for (let line = 0; line < wanted; line++) {
    const product = products.pick(random);
    const variant = product.variants ? [random.pick(product.variants)] : [];
    const sku = [plan.prefix, product.key, ...variant].join('-');
    lines.set(sku, { sku, quantity: units.pick(random), product });
  }
  return [...lines.values()];
}

/** One of those the history knows, or somebody new. */
function customer(plan: BrandPlan, random: Random, orderNumber: string): Visit['customer'] {
  if (random.chance(plan.returning)) {
    const known = random.integer(1, plan.ordersPerDay * 5);
    return { number: `${plan.prefix}-C${known.toString().padStart(5, '0')}`, contact: null };
  }
  const [first, last] = NAMES[plan.names];
  const number = orderNumber.replace('-L', '-CL');
  return {
    number,
    contact: { name: `${random.pick(first)} ${random.pick(last)}`, email: `${number.toLowerCase()}@example.com` },
  };
}
