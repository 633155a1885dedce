// How long things took or take, as SQL over an order `o`: whole microseconds. `{now}` is the moment of the question.

const micros = (column: string) => `toUnixTimestamp64Micro(assumeNotNull(${column}))`;

/** From placed to first shipment. */
export const toShip = `${micros('o.first_shipped_at')} - ${micros('o.placed_at')}`;
/** From placed to delivery of the last shipment. */
export const toDeliver = `${micros('o.delivered_at')} - ${micros('o.placed_at')}`;
/** From the first promised time to delivery; negative when early. */
export const pastPromise = `${micros('o.delivered_at')} - ${micros('o.promised_at')}`;
/** Since the first promised time. */
export const overdue = `{now} - ${micros('o.promised_at')}`;
/** Since placed. */
export const age = `{now} - ${micros('o.placed_at')}`;

/** Signed, as durations are: ClickHouse takes a bare number of this size for unsigned, and the remainder of a negative duration for a huge one. */
const DAY = 'toInt64(86400000000)';

/** A duration as the number of days that are over, as text: 0 is less than 24 hours. */
export function wholeDays(duration: string): string {
  return `toString(intDiv(${duration} - positiveModulo(${duration}, ${DAY}), ${DAY}))`;
}

/** A duration as the number of days that have begun, as text: 0 is none (or negative), 1 up to 24 hours. */
export function begunDays(duration: string): string {
  return `toString(greatest(0, intDiv(${duration} + ${DAY} - 1, ${DAY})))`;
}
