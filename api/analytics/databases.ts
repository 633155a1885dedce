import { DATABASES, inDatabases as inLayers, type Databases as Layers } from '../../transforms/databases.ts';

/** Names of the ClickHouse databases a statement reads; `verify` reads clones of other names. */
export type Databases = Layers & { readonly ops?: string };

/** Points a statement written against raw., facts., marts. and ops. at other databases. Its text must hold no values. */
export function inDatabases(sql: string, databases: Databases = DATABASES): string {
  return inLayers(sql, databases).replaceAll(/(?<![\w.`])ops\.(?=[a-z_])/g, `${databases.ops ?? 'ops'}.`);
}
