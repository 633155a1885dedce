import { Command } from 'commander';
import type { Status } from '../status.ts';
import { table } from '../table.ts';
import { instance } from './instance.ts';

/** `status`: how the running instance is. Exit code 1 when it is not ready. */
export function statusCommand(): Command {
  return new Command('status')
    .description('processes, ports, stream positions, lag, freshness per brand, health')
    .option('--json', 'print it as JSON')
    .action(async ({ json }: { json?: true }) => {
      const { readStatus } = await import('../status.ts');
      const status = await readStatus(instance().run);
      process.stdout.write(json ? `${JSON.stringify(status)}\n` : text(status));
      if (!status.ready) process.exitCode = 1;
    });
}

function text(status: Status): string {
  const processes = status.processes.map(({ name, pid, port, restarts, state, reason }) => [
    name,
    state,
    String(pid),
    port === null ? '' : String(port),
    String(restarts),
    reason ?? '',
  ]);
  const stream = Object.entries(status.stream ?? {}).map(([key, value]) => [key, display(value)]);
  const brands = status.brands.map(({ slug, commitTime, secondsAgo }) => [
    slug,
    commitTime ?? 'none yet',
    secondsAgo?.toFixed(1) ?? '',
  ]);
  return [
    status.ready ? `Ready: ${status.url}\n` : `Not ready: ${status.reasons.join('; ')}\n`,
    table(['process', 'state', 'pid', 'port', 'restarts', 'last ended'], processes),
    stream.length > 0 ? table(['stream', ''], stream) : 'The stream does not answer.\n',
    table(['brand', 'newest applied change', 'seconds ago'], brands),
  ].join('\n');
}

function display(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
