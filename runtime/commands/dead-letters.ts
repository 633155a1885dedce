import { Command } from 'commander';
import { z } from 'zod';
import { callControl } from '../control-client.ts';
import { Failure } from '../failure.ts';
import { table } from '../table.ts';
import { tell } from '../tell.ts';
import { control, instance } from './instance.ts';

/** `dead-letters`: changes that could not be applied, and trying them again. */
export function deadLettersCommand(): Command {
  return new Command('dead-letters')
    .description('list and replay changes that could not be applied')
    .addCommand(listCommand())
    .addCommand(replayCommand());
}

interface Letter {
  readonly id: string;
  readonly table: string;
  readonly key: string;
  readonly position: string;
  readonly first_seen: string;
  readonly reason: string;
}

function listCommand(): Command {
  return new Command('list')
    .description('list those that wait (the change itself is in ops.dead_letters)')
    .option('--json', 'print them as JSON')
    .action(async ({ json }: { json?: true }) => {
      const { createClickHouse, queryRows } = await import('../../ingestion/clickhouse.ts');
      const client = createClickHouse(instance().run.clickhouse.url);
      try {
        const letters = await queryRows<Letter>(
          client,
          `SELECT id, table, key, toString(position) AS position, toString(first_seen) AS first_seen, reason
           FROM ops.dead_letters FINAL WHERE status = 'waiting' ORDER BY version`,
        );
        const rows = letters.map(({ id, table: name, key, first_seen, reason }) => [id, name, key, first_seen, reason]);
        process.stdout.write(
          json ? `${JSON.stringify(letters)}\n` : table(['id', 'table', 'key', 'first seen', 'reason'], rows),
        );
        if (letters.length > 0) process.exitCode = 1;
      } finally {
        await client.close();
      }
    });
}

const replaySchema = z.object({
  replayed: z.number(),
  superseded: z.number(),
  refused: z.array(z.object({ id: z.string(), table: z.string(), key: z.string(), reason: z.string() })),
});

function replayCommand(): Command {
  return new Command('replay')
    .description('try one, or all that wait, again')
    .argument('[id]', 'as `list` prints it')
    .option('--json', 'print the outcome as JSON')
    .action(async (id: string | undefined, { json }: { json?: true }) => {
      const answer = await callControl(control(), 'POST', '/dead-letters/replay', { id });
      const result = replaySchema.parse(await answer.json());
      const { replayed, superseded, refused } = result;
      if (id !== undefined && replayed + superseded + refused.length === 0)
        throw new Failure(`No change with the id ${JSON.stringify(id)} waits.`, 'See `dead-letters list`.');
      if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
      else
        process.stdout.write(
          table(
            ['refused', 'table', 'key', 'reason'],
            refused.map((one) => [one.id, one.table, one.key, one.reason]),
          ),
        );
      tell(`${replayed} replayed, ${superseded} superseded by what Postgres has now, ${refused.length} refused again.`);
      if (refused.length > 0) process.exitCode = 1;
    });
}
