// What commands need of the running instance.
import type { CommerceDatabase } from '../../api/commerce/database.ts';
import type { Tenant } from '../../api/commerce/tenants.ts';
import { readConfig } from '../config.ts';
import type { ControlAddress } from '../control-client.ts';
import { Failure } from '../failure.ts';
import { type Run, runningInstance } from '../run-file.ts';

/** The instance that runs on DATA_DIR; throws a Failure when none does. */
export function instance(): { readonly run: Run; readonly dataDir: string } {
  const dataDir = readConfig().DATA_DIR;
  return { run: runningInstance(dataDir), dataDir };
}

/** Opens the running instance's commerce database for the time of `work`. */
export async function inCommerce<T>(work: (database: CommerceDatabase) => Promise<T>): Promise<T> {
  const { openCommerceDatabase } = await import('../../api/commerce/database.ts');
  const database = await openCommerceDatabase(instance().run.postgres.url);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** The brand of a slug; throws a Failure when there is none. */
export async function brand(database: CommerceDatabase, slug: string): Promise<Tenant> {
  const { findTenantBySlug } = await import('../../api/commerce/tenants.ts');
  const tenant = await findTenantBySlug(database, slug);
  if (tenant) return tenant;
  throw new Failure(
    `There is no brand ${JSON.stringify(slug)}.`,
    'See `tenants list`, or create it with `tenants create`.',
  );
}

/** The running instance's stream; throws a Failure while it has not started. */
export function control(): ControlAddress {
  const { run } = instance();
  if (run.control) return run.control;
  throw new Failure('The stream has not started yet.', 'See `status`.');
}

/** Fires at the first Ctrl-C, so that a command can tidy up; a second one ends it at once. */
export function endOnSignal(): AbortSignal {
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => ending.abort(new Failure(`Ended by ${signal}.`)));
  }
  return ending.signal;
}
