// The command line: one file per command in commands/.
import { Command, CommanderError } from 'commander';
import { benchCommand } from './commands/bench.ts';
import { deadLettersCommand } from './commands/dead-letters.ts';
import { demoCommand } from './commands/demo.ts';
import { importCommand } from './commands/import.ts';
import { lineageCommand } from './commands/lineage.ts';
import { rebuildCommand } from './commands/rebuild.ts';
import { soakCommand } from './commands/soak.ts';
import { statusCommand } from './commands/status.ts';
import { tenantsCommand } from './commands/tenants.ts';
import { tokenCommand } from './commands/token.ts';
import { upCommand } from './commands/up.ts';
import { usersCommand } from './commands/users.ts';
import { verifyCommand } from './commands/verify.ts';
import { ConfigError } from './config.ts';
import { exitCodes } from './exit-codes.ts';
import { Failure } from './failure.ts';
import { isLostConnection } from './lost-connection.ts';
import { tell } from './tell.ts';
import { UsageError } from './usage-error.ts';

function program(): Command {
  const uco = new Command('uco')
    .description('Unified Commerce OS: exact and fresh KPIs of many brands, from Postgres by way of ClickHouse.')
    .helpCommand(false)
    .showHelpAfterError('(--help shows what can be given)')
    .addHelpText(
      'after',
      '\nAll but `up` act on the running instance of DATA_DIR. The environment is described in README.md.',
    );
  for (const command of [
    upCommand(),
    statusCommand(),
    tenantsCommand(),
    usersCommand(),
    tokenCommand(),
    demoCommand(),
    importCommand(),
    rebuildCommand(),
    lineageCommand(),
    verifyCommand(),
    soakCommand(),
    benchCommand(),
    deadLettersCommand(),
  ])
    uco.addCommand(command);
  for (const command of allCommands(uco)) command.exitOverride();
  return uco;
}

function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

/** Runs one command and sets the process's exit code: 0 fine, 1 found a problem, 2 wrong usage. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    await program().parseAsync([...args], { from: 'user' });
  } catch (error) {
    process.exitCode = report(error);
    // Whatever a failed command left open must not keep it from ending.
    setTimeout(() => process.exit(), 2_000).unref();
  }
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.fine : exitCodes.usage;
  if (error instanceof ConfigError || error instanceof UsageError) {
    tell(error.message);
    return exitCodes.usage;
  }
  if (error instanceof Failure) {
    tell(error.remedy ? `${error.message}\n→ ${error.remedy}` : error.message);
    return exitCodes.problem;
  }
  if (isLostConnection(error)) {
    tell(`The instance went away: ${(error as Error).message}\n→ Ask \`status\`, and try again when it is ready.`);
    return exitCodes.problem;
  }
  tell(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return exitCodes.problem;
}
