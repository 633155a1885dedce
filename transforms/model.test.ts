import { describe, expect, it } from 'vitest';
import { cloneDatabases, inDatabases } from './databases.ts';
import { GROUP_KEY_COLUMNS } from './groups.ts';
import { lineage, printLineage } from './lineage.ts';
import { loadModels, parseModel } from './model.ts';

const VIEW = `-- model:      marts.x
-- grain:      one row per x,
--             whole
-- units:      none
-- reads:      facts.y
-- invariants: none
CREATE VIEW marts.x AS SELECT a -- not raw.z
FROM facts.y FINAL;
`;

describe('models', () => {
  it('are all well formed: header and SQL agree', () => {
    expect(loadModels().map(({ name }) => name)).toContain('facts.orders');
  });

  it('derive what they read from the SQL, not from comments', () => {
    const model = parseModel('marts', 'x.sql', VIEW);
    expect(model).toMatchObject({ name: 'marts.x', reads: ['facts.y'], fill: null, group: null });
    expect(model.header.grain).toBe('one row per x, whole');
  });

  it.each([
    [
      'a header that names other tables',
      VIEW.replace('-- reads:      facts.y', '-- reads:      raw.y'),
      /says it reads raw.y/,
    ],
    ['a header without grain', VIEW.replace('-- grain:', '-- crumb:'), /lacks grain/],
    ['the name of another file', VIEW.replace('marts.x', 'marts.w'), /names marts.w/],
    ['a third statement', `${VIEW}SELECT 1;\nSELECT 2;\n`, /one or two statements/],
  ])('refuse %s', (_, text, message) => {
    expect(() => parseModel('marts', 'x.sql', text)).toThrow(message);
  });

  it('have a checksum of what they do, not of how they are laid out', () => {
    const { checksum } = parseModel('marts', 'x.sql', VIEW);
    expect(parseModel('marts', 'x.sql', VIEW.replace('SELECT a', '\n  SELECT a')).checksum).toBe(checksum);
    expect(parseModel('marts', 'x.sql', VIEW.replace('SELECT a', 'SELECT b')).checksum).not.toBe(checksum);
  });

  // Mutation: a table left out of GROUP_KEY_COLUMNS, whose changes would then leave its facts stale.
  it('are made stale by every raw table that a fact reads', () => {
    for (const fact of loadModels().filter(({ layer }) => layer === 'facts')) {
      for (const table of fact.reads) {
        expect(GROUP_KEY_COLUMNS[table.replace('raw.', '')]?.group, `${table} of ${fact.name}`).toBe(fact.group);
      }
    }
  });
});

describe('lineage', () => {
  it('goes from raw through facts and marts to KPIs', () => {
    const nodes = lineage(loadModels(), [{ id: 'aov', reads: ['marts.orders'] }]);
    const node = (name: string) => nodes.find((candidate) => candidate.name === name);
    expect(node('raw.order_items')?.readBy).toEqual(['facts.orders']);
    expect(node('facts.orders')?.readBy).toContain('marts.orders');
    expect(node('marts.orders')?.readBy).toEqual(['kpi.aov']);
    expect(printLineage(nodes)).toMatch(/^marts\.orders +← facts\.orders$/m);
  });

  it('refuses a KPI on a mart that is not there', () => {
    expect(() => lineage(loadModels(), [{ id: 'aov', reads: ['marts.nothing'] }])).toThrow(
      'kpi.aov reads marts.nothing',
    );
  });
});

describe('databases', () => {
  it('substitutes the layers and nothing else', () => {
    const sql = 'SELECT o.raw.x, `facts.y`, draw.z FROM raw.orders, facts.returns AS raws, marts.`a`';
    expect(inDatabases(sql, cloneDatabases('7a'))).toBe(
      'SELECT o.raw.x, `facts.y`, draw.z FROM raw_7a.orders, facts_7a.returns AS raws, marts_7a.`a`',
    );
  });

  it('refuses a suffix that is more than a name', () => {
    expect(() => cloneDatabases('x; DROP')).toThrow('suffix');
  });
});
