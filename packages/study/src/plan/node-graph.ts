import { visible } from '@espalier/files';
import { entity } from '../text/markup.ts';
import type { StudyPlan } from './plan.ts';

/** The nodes of a study as they are drawn: one box per node, however many instances it has. */
export interface NodeGraph {
  readonly nodes: readonly { readonly name: string; readonly uses: readonly string[]; readonly instances: number }[];
  readonly edges: readonly { readonly from: string; readonly to: string; readonly port: string }[];
}

/** The nodes of a plan and how they are connected, each with the number of its instances. */
export function nodeGraph({ instances }: StudyPlan): NodeGraph {
  const nodes = new Map<string, { uses: Set<string>; instances: number }>();
  const nodeOfInstance = new Map(instances.map(({ id, node }) => [id, node]));
  const edges = new Map<string, NodeGraph['edges'][number]>();
  for (const { node, type, inputs } of instances) {
    const box = nodes.get(node) ?? { uses: new Set(), instances: 0 };
    box.uses.add(type.use);
    box.instances++;
    nodes.set(node, box);
    for (const [port, sources] of inputs)
      for (const { instance } of sources) {
        const from = nodeOfInstance.get(instance);
        // Along a scan a node uses itself; its box says so by its number of instances.
        if (from !== undefined && from !== node) edges.set(`${from} ${node} ${port}`, { from, to: node, port });
      }
  }
  return {
    nodes: [...nodes].map(([name, { uses, instances: count }]) => ({ name, uses: [...uses], instances: count })),
    edges: [...edges.values()],
  };
}

/** Text for Mermaid. Names are quoted: nothing in a study becomes syntax or markup. */
export function mermaid({ nodes, edges }: NodeGraph): string {
  const index = new Map(nodes.map(({ name }, i) => [name, `n${i}`]));
  return [
    'flowchart LR',
    ...nodes.map((node) => `  ${index.get(node.name)}["${captionOf(node).map(entity).join('<br/>')}"]`),
    ...edges.map(({ from, to, port }) => `  ${index.get(from)} -->|"${entity(port)}"| ${index.get(to)}`),
    '',
  ].join('\n');
}

/** Text for Graphviz. Names are quoted, without what would hide or turn them around. */
export function dot({ nodes, edges }: NodeGraph): string {
  return [
    'digraph study {',
    '  rankdir=LR; node [shape=box, fontname="sans-serif"]; edge [fontname="sans-serif", fontsize=10];',
    ...nodes.map((node) => `  ${quoted(node.name)} [label=${quoted(captionOf(node).join('\n'))}];`),
    ...edges.map(({ from, to, port }) => `  ${quoted(from)} -> ${quoted(to)} [label=${quoted(port)}];`),
    '}',
    '',
  ].join('\n');
}

function quoted(text: string): string {
  return JSON.stringify(visible(text));
}

const [boxWidth, boxHeight, columnGap, rowGap, margin] = [190, 54, 90, 26, 16];

/** A picture: nodes in columns by the longest way from a source, ordered so that fewer edges cross. */
export function svg(graph: NodeGraph): string {
  const columns = columnsOf(graph);
  const at = new Map<string, { readonly x: number; readonly y: number }>();
  for (const [column, names] of columns.entries())
    for (const [row, name] of names.entries())
      at.set(name, { x: margin + column * (boxWidth + columnGap), y: margin + row * (boxHeight + rowGap) });
  const width = 2 * margin + columns.length * (boxWidth + columnGap) - columnGap;
  const height = 2 * margin + Math.max(1, ...columns.map((names) => names.length)) * (boxHeight + rowGap) - rowGap;
  const curves = graph.edges.map(({ from, to, port }) => {
    const [start, end] = [at.get(from)!, at.get(to)!];
    const [x1, y1, x2, y2] = [start.x + boxWidth, start.y + boxHeight / 2, end.x, end.y + boxHeight / 2];
    const middle = (x1 + x2) / 2;
    return (
      `<path d="M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}" fill="none" stroke="#888" marker-end="url(#tip)"/>` +
      `<text x="${x2 - 8}" y="${y2 - 5}" text-anchor="end" font-size="10" fill="#666">${entity(port)}</text>`
    );
  });
  const boxes = graph.nodes.map((node) => {
    const { x, y } = at.get(node.name)!;
    const lines = captionOf(node).slice(0, 3);
    const texts = lines.map(
      (line, i) =>
        `<text x="${x + 10}" y="${y + 18 + 15 * i}" font-size="${i === 0 ? 13 : 11}"${i === 0 ? ' font-weight="bold"' : ' fill="#555"'}>${entity(fit(line))}</text>`,
    );
    return `<rect x="${x}" y="${y}" width="${boxWidth}" height="${boxHeight}" rx="6" fill="#fff" stroke="#333"/>${texts.join('')}`;
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif">` +
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#888"/></marker></defs>' +
    `${[...curves, ...boxes].join('\n')}</svg>\n`
  );
}

function columnsOf({ nodes, edges }: NodeGraph): readonly (readonly string[])[] {
  const depth = new Map<string, number>();
  // Nodes come after what they use, so one pass finds the longest ways.
  for (const { name } of nodes) {
    const before = edges.filter(({ to }) => to === name).map(({ from }) => (depth.get(from) ?? 0) + 1);
    depth.set(name, Math.max(0, ...before));
  }
  const columns: string[][] = [];
  for (const [name, column] of depth) {
    while (columns.length <= column) columns.push([]);
    columns[column]!.push(name);
  }
  const row = new Map<string, number>();
  for (const names of columns) {
    const centre = (name: string): number => {
      const rows = edges.filter(({ to }) => to === name).flatMap(({ from }) => row.get(from) ?? []);
      return rows.length === 0 ? 0 : rows.reduce((sum, value) => sum + value, 0) / rows.length;
    };
    names.sort((a, b) => centre(a) - centre(b)).forEach((name, index) => void row.set(name, index));
  }
  return columns;
}

function captionOf({ name, uses, instances }: NodeGraph['nodes'][number]): readonly string[] {
  const shown = uses.length > 2 ? `${uses[0]} and ${uses.length - 1} more` : uses.join(', ');
  return [`${name}${instances > 1 ? `  x${instances}` : ''}`, shown];
}

function fit(text: string): string {
  return text.length > 30 ? `${text.slice(0, 29)}…` : text;
}
