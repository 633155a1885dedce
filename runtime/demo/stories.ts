import type { BrandPlan, ProductPlan, Story } from './brand-plan.ts';

type Kind = Story['kind'];
type StoryOf<K extends Kind> = Extract<Story, { kind: K }>;

const within = (story: Story, day: number) => day >= story.from && day <= story.to;

/** What the stories of a brand change, asked by day (0 is the day of the end). */
export class Stories {
  private readonly stories: readonly Story[];

  constructor(plan: BrandPlan) {
    this.stories = plan.stories;
  }

  of<K extends Kind>(kind: K): StoryOf<K>[] {
    return this.stories.filter((story): story is StoryOf<K> => story.kind === kind);
  }

  private on<K extends Kind>(kind: K, day: number): StoryOf<K>[] {
    return this.of(kind).filter((story) => within(story, day));
  }

  /** How many times as many orders as usual. */
  traffic(day: number): number {
    return this.on('promotion', day).reduce((factor, { traffic }) => factor * traffic, 1);
  }

  /** How many times as often as usual a product is bought. */
  lift(day: number, product: ProductPlan): number {
    return this.on('promotion', day).reduce(
      (f, { category, lift }) => (category === product.category ? f * lift : f),
      1,
    );
  }

  /** Percent off the list price. */
  percentOff(day: number, product: ProductPlan): number {
    return this.on('promotion', day).reduce(
      (p, { category, percent }) => (category === product.category ? percent : p),
      0,
    );
  }

  /** Extra orders of a day as a share of usual ones: up within two days, then slowly down. */
  extraOrders(story: StoryOf<'viral'>, day: number): number {
    if (!within(story, day)) return 0;
    const age = day - story.from;
    const length = story.to - story.from + 1;
    return age < 2 ? (story.peak * (age + 1)) / 3 : story.peak * (1 - (age - 2) / length);
  }

  /** Extra days on the way, from and to, or null. */
  delay(day: number, carrier: string): readonly [number, number] | null {
    return this.on('slow-carrier', day).find((story) => story.carrier === carrier)?.extraDays ?? null;
  }

  /** Share of a method's payments that fail because of an outage. */
  failing(day: number, method: string): number {
    return this.on('payment-outage', day).find((story) => story.method === method)?.failing ?? 0;
  }

  /** Share of sold lines that come back because they are faulty. */
  faulty(day: number, product: ProductPlan): number {
    return this.on('faulty-batch', day).find((story) => story.product === product.key)?.returns ?? 0;
  }
}
