import { Command } from 'commander';
import { callControl } from '../control-client.ts';
import { Failure } from '../failure.ts';
import { tell } from '../tell.ts';
import { control, endOnSignal, instance } from './instance.ts';

/** `verify`: compares both stores and every KPI at one position, under live traffic. Exit code 1 on any difference. */
export function verifyCommand(): Command {
  return new Command('verify')
    .description('compare Postgres with the figures, to the last digit; names each difference')
    .option('--tenant <slug>', 'only this brand')
    .option('--json', 'print the report as JSON')
    .action(async ({ tenant, json }: { tenant?: string; json?: true }) => {
      const { UnknownBrand, verify } = await import('../../verify/verify.ts');
      const { formatReport } = await import('../../verify/report.ts');
      const { run } = instance();
      const stream = control();
      const report = await verify({
        postgresUrl: run.postgres.url,
        clickhouseUrl: run.clickhouse.url,
        stream: {
          hold: () => callControl(stream, 'POST', '/hold', {}),
          clone: (at, suffix) => callControl(stream, 'POST', '/clone', { at, suffix }),
          release: () => callControl(stream, 'POST', '/release', {}),
        },
        ...(tenant === undefined ? {} : { tenant }),
        onProgress: tell,
        signal: endOnSignal(),
      }).catch((cause: unknown) => {
        if (cause instanceof UnknownBrand) throw new Failure(cause.message, 'See `tenants list`.', { cause });
        throw cause;
      });
      process.stdout.write(`${json ? JSON.stringify(report) : formatReport(report)}\n`);
      if (!report.ok) process.exitCode = 1;
    });
}
