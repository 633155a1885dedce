import type { Model } from './model.ts';

export interface LineageNode {
  /** `raw.orders`, `facts.orders`, `marts.orders`, `kpi.gross_sales`. */
  readonly name: string;
  readonly layer: 'raw' | 'facts' | 'marts' | 'kpi';
  /** Of models; empty otherwise. */
  readonly grain: string;
  readonly reads: readonly string[];
  readonly readBy: readonly string[];
}

/** What a KPI is computed from, as the catalogue tells. */
export interface KpiSource {
  readonly id: string;
  /** Qualified marts. */
  readonly reads: readonly string[];
}

const LAYERS = ['raw', 'facts', 'marts', 'kpi'] as const;

/** Which model reads which, from the models' SQL; layer by layer, by name. Throws when something reads a model that is not there. */
export function lineage(models: readonly Model[], kpis: readonly KpiSource[] = []): LineageNode[] {
  const readers: { name: string; layer: LineageNode['layer']; grain: string; reads: readonly string[] }[] = [
    ...models.map(({ name, layer, header, reads }) => ({ name, layer, grain: header.grain ?? '', reads })),
    ...kpis.map(({ id, reads }) => ({ name: `kpi.${id}`, layer: 'kpi' as const, grain: '', reads })),
  ];
  const known = new Set(readers.map(({ name }) => name));
  const raw = new Set<string>();
  for (const { name, reads } of readers) {
    for (const read of reads) {
      if (read.startsWith('raw.')) raw.add(read);
      else if (!known.has(read)) throw new Error(`${name} reads ${read}, which does not exist`);
    }
  }
  const all = [...[...raw].map((name) => ({ name, layer: 'raw' as const, grain: '', reads: [] })), ...readers];
  return all
    .map((node) => ({
      ...node,
      readBy: readers
        .filter(({ reads }) => reads.includes(node.name))
        .map(({ name }) => name)
        .sort(),
    }))
    .sort((a, b) => LAYERS.indexOf(a.layer) - LAYERS.indexOf(b.layer) || (a.name < b.name ? -1 : 1));
}

/** For people: one block per layer, one line per node with what it reads. */
export function printLineage(nodes: readonly LineageNode[]): string {
  const width = Math.max(0, ...nodes.map(({ name }) => name.length));
  return LAYERS.map((layer) => nodes.filter((node) => node.layer === layer))
    .filter((inLayer) => inLayer.length > 0)
    .map((inLayer) => inLayer.map((node) => lineageLine(node, width)).join('\n'))
    .join('\n\n');
}

function lineageLine({ name, reads, readBy }: LineageNode, width: number): string {
  if (reads.length > 0) return `${name.padEnd(width)}  ← ${reads.join(', ')}`;
  return `${name.padEnd(width)}  → ${readBy.join(', ')}`;
}
