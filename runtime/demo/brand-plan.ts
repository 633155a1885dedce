// What a demo brand is made of. Days of stories count from the day the data ends: 0 is that day, -1 the day before.

/** A choice with its weight. */
export type Weighted<T> = readonly (readonly [T, number])[];

export interface ProductPlan {
  /** Part of the sku: PREFIX-KEY, and -VARIANT where there are several. */
  readonly key: string;
  readonly name: string;
  readonly category: string;
  /** Per unit, without tax, in the brand's currency. */
  readonly price: number;
  readonly cost: number;
  /** How often it is bought, relative to the others. */
  readonly weight: number;
  /** Share of delivered lines that come back. */
  readonly returns?: number;
  readonly variants?: readonly string[];
}

export interface CountryPlan {
  readonly country: string;
  readonly weight: number;
  /** Days from shipment to delivery, from and to. */
  readonly transit: readonly [number, number];
  /** Days from order to the promised delivery. */
  readonly promise: number;
  /** Code of the warehouse that ships there. */
  readonly warehouse: string;
}

export interface WarehousePlan {
  readonly code: string;
  readonly name: string;
  readonly country: string;
  readonly carriers: Weighted<string>;
}

/** Days are inclusive at both ends. */
interface StoryDays {
  readonly from: number;
  readonly to: number;
}

export type Story = StoryDays &
  (
    | { readonly kind: 'stock-out'; readonly product: string }
    | {
        readonly kind: 'promotion';
        readonly category: string;
        /** Percent off the list price. */
        readonly percent: number;
        /** How many times as often the category is bought; `traffic`, how many times as many orders. */
        readonly lift: number;
        readonly traffic: number;
      }
    | {
        readonly kind: 'viral';
        readonly product: string;
        readonly channel: string;
        /** Extra orders on the best day, as a share of a usual day's. */
        readonly peak: number;
      }
    | { readonly kind: 'slow-carrier'; readonly carrier: string; readonly extraDays: readonly [number, number] }
    | { readonly kind: 'payment-outage'; readonly method: string; readonly failing: number }
    | { readonly kind: 'faulty-batch'; readonly product: string; readonly returns: number }
  );

export interface BrandPlan {
  readonly slug: string;
  readonly name: string;
  readonly currency: string;
  readonly timezone: string;
  /** Of skus and of numbers of customers and orders. */
  readonly prefix: string;
  readonly ordersPerDay: number;
  /** How much larger the last day is than the first, as a share. */
  readonly growth: number;
  /** Relative demand, Monday first. */
  readonly weekdays: readonly number[];
  readonly hours: 'shop' | 'evening' | 'office';
  /** Lines of an order and units of a line. */
  readonly lines: Weighted<number>;
  readonly units: Weighted<number>;
  readonly channels: Weighted<string>;
  readonly countries: readonly CountryPlan[];
  readonly warehouses: readonly WarehousePlan[];
  /** Working days from order to shipment. */
  readonly handling: Weighted<number>;
  readonly payments: readonly {
    readonly method: string;
    readonly weight: number;
    readonly failing: number;
    /** Paid after delivery, within so many days. */
    readonly onAccount?: number;
  }[];
  /** Per mille of what is paid for goods. */
  readonly tax: number;
  readonly shipping: { readonly fee: number; readonly freeFrom: number };
  /** Share of orders by customers who have bought before, once there are many. */
  readonly returning: number;
  /** Share of orders that are cancelled before they are packed. */
  readonly cancelled: number;
  readonly names: 'british' | 'french' | 'american' | 'indian' | 'japanese' | 'business';
  readonly products: readonly ProductPlan[];
  readonly stories: readonly Story[];
}
