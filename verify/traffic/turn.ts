import type { AdminClient } from '../../sql/postgres.ts';
import type { Brand } from './brands.ts';
import { type Random, uuidAt } from './random.ts';

const day = 86_400_000;

/** What one operation works with: a connection inside a transaction, its randomness, and the brand it is for. */
export interface Turn {
  readonly client: AdminClient;
  readonly random: Random;
  readonly brand: Brand;
  readonly brands: readonly Brand[];
  /** Milliseconds: traffic happens in the 400 days before this. */
  readonly now: number;
}

/** Times of traffic in milliseconds, more of them recent. */
export function someTime({ random, now }: Turn): number {
  const age = random.next() ** 2 * 400 * day;
  return Math.floor(now - age);
}

/** ISO text with microseconds. */
export function instant(random: Random, time: number): string {
  return new Date(time).toISOString().replace(/Z$/, `${random.integer(0, 999).toString().padStart(3, '0')}Z`);
}

/** Mostly ordinary; now and then before 1970, or beyond what ClickHouse can hold. For columns that no KPI is dated by. */
export function anyInstant(turn: Turn): string | null {
  const { random } = turn;
  if (random.chance(0.1)) return null;
  if (random.chance(0.1)) {
    return random.pick([
      '1969-12-31 23:59:59.999999+00',
      '1899-12-31 12:00:00+00',
      '0044-03-15 12:00:00+00 BC',
      '2262-04-12 00:00:00+00',
      '2299-12-31 23:59:59.999999+00',
      '2300-01-01 00:00:00+00',
      '9999-12-31 23:59:59+00',
      'infinity',
      '-infinity',
    ]);
  }
  return instant(random, someTime(turn));
}

/** The id of some row of the brand in that table, or null when there is none. Cheap: one index probe. */
export async function someId(turn: Turn, table: string, brand: Brand = turn.brand): Promise<string | null> {
  const from = uuidAt(turn.random, turn.now - turn.random.next() * 460 * day);
  const probe = async (order: 'ASC' | 'DESC') => {
    const { rows } = await turn.client.query<{ id: string }>(
      `SELECT id FROM commerce.${table} WHERE tenant_id = $1 AND id ${order === 'ASC' ? '>=' : '<'} $2 ORDER BY id ${order} LIMIT 1`,
      [brand.id, from],
    );
    return rows[0]?.id ?? null;
  };
  return (await probe('ASC')) ?? (await probe('DESC'));
}

export async function insert(turn: Turn, table: string, row: Record<string, unknown>): Promise<void> {
  const names = Object.keys(row);
  await turn.client.query(
    `INSERT INTO commerce.${table} (${names.join(', ')}) VALUES (${names.map((_, i) => `$${i + 1}`).join(', ')})`,
    Object.values(row),
  );
}

export async function update(turn: Turn, table: string, id: string, row: Record<string, unknown>): Promise<void> {
  const sets = Object.keys(row).map((name, i) => `${name} = $${i + 3}`);
  const key = table === 'tenants' ? 'id = $1 AND id = $2' : 'tenant_id = $1 AND id = $2';
  await turn.client.query(`UPDATE commerce.${table} SET ${sets.join(', ')} WHERE ${key}`, [
    turn.brand.id,
    id,
    ...Object.values(row),
  ]);
}
