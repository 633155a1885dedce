/** Where each layer lives. Models are written against the literal names; a clone of the instance has others. */
export interface Databases {
  readonly raw: string;
  readonly facts: string;
  readonly marts: string;
}

export const DATABASES: Databases = { raw: 'raw', facts: 'facts', marts: 'marts' };

/** The databases of a clone: `raw_<suffix>`, `facts_<suffix>`, `marts_<suffix>`. */
export function cloneDatabases(suffix: string): Databases {
  if (!/^[a-z0-9_]{1,40}$/.test(suffix)) throw new Error(`not a usable suffix for a clone: ${JSON.stringify(suffix)}`);
  return { raw: `raw_${suffix}`, facts: `facts_${suffix}`, marts: `marts_${suffix}` };
}

/** Points a statement written against raw., facts. and marts. at `databases`. String literals must not contain such names. */
export function inDatabases(sql: string, databases: Databases): string {
  return sql.replace(
    /(?<![\w.`])(raw|facts|marts)\.(?=[a-z_`])/g,
    (_, layer: keyof Databases) => `${databases[layer]}.`,
  );
}
