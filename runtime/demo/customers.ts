import type { Random } from '../../verify/traffic/random.ts';
import type { BrandPlan, CountryPlan } from './brand-plan.ts';
import { MINUTE } from './calendar.ts';
import { NAMES } from './names.ts';
import { type Rows, time } from './tables.ts';
import { WeightedPick } from './weighted.ts';

export interface Customer {
  readonly id: string;
  readonly country: CountryPlan;
  readonly channel: string;
}

/** The brand's customers: new ones come all the time, and some of them again, recent ones rather than old ones. */
export class Customers {
  private count = 0;
  /** Once per customer who may come again, three times for regulars. */
  private readonly faithful: Customer[] = [];
  private readonly countries: WeightedPick<CountryPlan>;
  private readonly channels: WeightedPick<string>;
  private readonly plan: BrandPlan;
  private readonly random: Random;
  private readonly id: (time: number) => string;
  private readonly rows: Rows;

  constructor(plan: BrandPlan, random: Random, id: (time: number) => string, rows: Rows) {
    this.plan = plan;
    this.random = random;
    this.id = id;
    this.rows = rows;
    this.countries = new WeightedPick(plan.countries.map((country) => [country, country.weight] as const));
    this.channels = new WeightedPick(plan.channels);
  }

  /** Who orders now. A channel that is given (a wave of visitors) brings mostly new ones. */
  next(at: number, wave?: string): Customer {
    const { random, plan, faithful } = this;
    const known = faithful.length / (faithful.length + plan.ordersPerDay * 6);
    if (random.chance(plan.returning * known * (wave === undefined ? 1 : 0.15))) {
      const back = Math.floor(faithful.length * random.next() * random.next());
      return faithful[faithful.length - 1 - back] as Customer;
    }
    return this.arrive(at, wave);
  }

  /** The channel of this order: mostly the customer's usual one. */
  channelOf(customer: Customer): string {
    return this.random.chance(0.8) ? customer.channel : this.channels.pick(this.random);
  }

  private arrive(at: number, wave?: string): Customer {
    const { random, rows, plan } = this;
    const signedUp = at - Math.floor(20 * MINUTE * random.next());
    const customer: Customer = {
      id: this.id(signedUp),
      country: this.countries.pick(random),
      channel: wave ?? this.channels.pick(random),
    };
    this.count++;
    const number = `${plan.prefix}-C${this.count.toString().padStart(5, '0')}`;
    const [first, last] = NAMES[plan.names];
    const name = `${random.pick(first)} ${random.pick(last)}`;
    rows.customers.push([customer.id, number, customer.country.country, time(signedUp)]);
    rows.customer_contacts.push([
      this.id(signedUp),
      customer.id,
      name,
      `${number.toLowerCase()}@example.com`,
      time(signedUp),
    ]);
    // Six in ten never come again, one in ten is a regular. Businesses nearly all do.
    const loyalty = random.next() + (plan.names === 'business' ? 0.5 : 0);
    if (loyalty > 0.6) this.faithful.push(customer);
    if (loyalty > 0.9) this.faithful.push(customer, customer);
    return customer;
  }
}
