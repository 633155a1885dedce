import { sql } from 'kysely';
import type { BrandScope } from '../scope.ts';

type NumberScope = Pick<BrandScope, 'tenant' | 'run'>;

export type NumberKind = 'order' | 'return';

const PREFIX = { order: 'ORD', return: 'RET' } as const;
const BLOCK = 50n;

/** Numbers from `next` to before `end`. */
interface Block {
  next: bigint;
  end: bigint;
}

/**
 * Draws order and return numbers, `ORD-000123`, per brand. They are taken from the brand's counter in blocks, in a transaction of their
 * own: orders of one brand do not wait for each other's number. Numbers that were taken and not used are gaps.
 */
export class Numbers {
  private readonly blocks = new Map<string, Promise<Block>>();

  async draw(scope: NumberScope, kind: NumberKind): Promise<string> {
    const key = `${scope.tenant.id} ${kind}`;
    for (;;) {
      const pending = this.blocks.get(key) ?? this.take(scope, kind, key);
      const block = await pending;
      if (block.next < block.end) return `${PREFIX[kind]}-${String(block.next++).padStart(6, '0')}`;
      // Used up: whoever comes first takes the next block, the others wait for it.
      if (this.blocks.get(key) === pending) this.blocks.delete(key);
    }
  }

  /** The last one is the lowest. */
  async drawMany(scope: NumberScope, kind: NumberKind, count: number): Promise<string[]> {
    const drawn: string[] = [];
    while (drawn.length < count) drawn.push(await this.draw(scope, kind));
    return drawn.reverse();
  }

  /** After a drawn number turned out to be taken: goes on behind all numbers of this form. */
  async skipTaken(scope: NumberScope, kind: NumberKind): Promise<void> {
    const [table, column] = kind === 'order' ? ['orders', 'order_number'] : ['returns', 'return_number'];
    await scope.run((trx) =>
      sql`
        UPDATE commerce.number_counters c SET next = greatest(c.next, taken.last + 1)
        FROM (
          SELECT max(substr(n, 5)::bigint) AS last FROM (SELECT ${sql.ref(column)} AS n FROM commerce.${sql.ref(table)}) x
          WHERE n ~ ${`^${PREFIX[kind]}-[0-9]{6,12}$`}
        ) taken
        WHERE c.kind = ${kind}`.execute(trx),
    );
    this.blocks.delete(`${scope.tenant.id} ${kind}`);
  }

  private take(scope: NumberScope, kind: NumberKind, key: string): Promise<Block> {
    const taking = scope.run(async (trx) => {
      const { rows } = await sql<{ end: string }>`
        INSERT INTO commerce.number_counters AS c (tenant_id, kind, next) VALUES (${scope.tenant.id}, ${kind}, ${1n + BLOCK})
        ON CONFLICT (tenant_id, kind) DO UPDATE SET next = c.next + ${BLOCK}::bigint RETURNING next AS end`.execute(
        trx,
      );
      const end = BigInt(rows[0]?.end ?? 0);
      return { next: end - BLOCK, end };
    });
    this.blocks.set(key, taking);
    // One that failed must not be remembered.
    taking.catch(() => this.blocks.get(key) === taking && this.blocks.delete(key));
    return taking;
  }
}
