import type { GraphLabel, graphlib, NodeLabel } from '@dagrejs/dagre';
import { visible } from '@espalier/files';
import { localName } from '../file/connected-node.ts';
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
  const box = (node: DrawnNode) => `${index.get(node.name)}["${captionOf(node).map(entity).join('<br/>')}"]`;
  const begin = (include: string, i: number) => `subgraph g${i}["${entity(localName(include))}"]`;
  return [
    'flowchart LR',
    ...nested(nodes, { box, begin, end: 'end' }),
    ...edges.map(({ from, to, port }) => `  ${index.get(from)} -->|"${entity(port)}"| ${index.get(to)}`),
    '',
  ].join('\n');
}

/** Text for Graphviz. Names are quoted, without what would hide or turn them around. */
export function dot({ nodes, edges }: NodeGraph): string {
  return [
    'digraph study {',
    '  rankdir=LR; node [shape=box, fontname="sans-serif"]; edge [fontname="sans-serif", fontsize=10];',
    ...nested(nodes, {
      box: (node) => `${quoted(node.name)} [label=${quoted(captionOf(node).join('\n'))}];`,
      begin: (include, i) => `subgraph cluster_${i} { label=${quoted(localName(include))};`,
      end: '}',
    }),
    ...edges.map(({ from, to, port }) => `  ${quoted(from)} -> ${quoted(to)} [label=${quoted(port)}];`),
    '}',
    '',
  ].join('\n');
}

type DrawnNode = NodeGraph['nodes'][number];

interface Groups {
  readonly box: (node: DrawnNode) => string;
  readonly begin: (include: string, index: number) => string;
  readonly end: string;
}

/** Lines that draw nodes, those of a recipe inside of a group with its include's name. */
function nested(nodes: readonly DrawnNode[], { box, begin, end }: Groups): readonly string[] {
  let groups = 0;
  const inside = (include: string, indent: string): readonly string[] => {
    const prefix = include === '' ? '' : `${include}/`;
    const below = nodes.filter(({ name }) => name.startsWith(prefix));
    const own = below.filter(({ name }) => !name.slice(prefix.length).includes('/'));
    const inner = new Set(below.flatMap(({ name }) => innerInclude(name, prefix)));
    return [
      ...own.map((node) => `${indent}${box(node)}`),
      ...[...inner].flatMap((name) => [
        `${indent}${begin(name, groups++)}`,
        ...inside(name, `${indent}  `),
        `${indent}${end}`,
      ]),
    ];
  };
  return inside('', '  ');
}

/** `protocol/maps` for `protocol/maps/gini` below `protocol/`. */
function innerInclude(node: string, prefix: string): readonly string[] {
  const end = node.indexOf('/', prefix.length);
  return end < 0 ? [] : [node.slice(0, end)];
}

function quoted(text: string): string {
  return JSON.stringify(visible(text));
}

const [boxWidth, boxHeight, columnGap, rowGap, margin] = [190, 54, 90, 26, 16];

/** A picture from left to right, laid out by dagre so that few edges cross. */
export async function svg(graph: NodeGraph): Promise<string> {
  const layout = await laidOut(graph);
  const { width = 0, height = 0 } = layout.graph();
  // dagre says where centres are.
  const placeOf = (name: string) => {
    const { x = 0, y = 0 } = layout.node(name);
    return { x: Math.round(x - boxWidth / 2), y: Math.round(y - boxHeight / 2) };
  };
  const curves = graph.edges.map(({ from, to, port }) => {
    const [start, end] = [placeOf(from), placeOf(to)];
    // Each port has a place of its own along the box, so that no name covers another.
    const ports = [...new Set(graph.edges.flatMap((edge) => (edge.to === to ? [edge.port] : [])))];
    const y2 = end.y + Math.round((boxHeight * (ports.indexOf(port) + 1)) / (ports.length + 1));
    const [x1, y1, x2] = [start.x + boxWidth, start.y + boxHeight / 2, end.x];
    const middle = (x1 + x2) / 2;
    return (
      `<path d="M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}" fill="none" stroke="#888" marker-end="url(#tip)"/>` +
      `<text x="${x2 - 8}" y="${y2 - 3}" text-anchor="end" font-size="10" fill="#666">${entity(port)}</text>`
    );
  });
  const boxes = graph.nodes.map((node) => {
    const { x, y } = placeOf(node.name);
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

async function laidOut({ nodes, edges }: NodeGraph): Promise<graphlib.Graph<GraphLabel, NodeLabel>> {
  const { graphlib, layout: dagreLayout } = await import('@dagrejs/dagre'); // who draws nothing does not wait for it
  const layout = new graphlib.Graph<GraphLabel, NodeLabel>();
  layout.setGraph({ rankdir: 'LR', ranksep: columnGap, nodesep: rowGap, marginx: margin, marginy: margin });
  layout.setDefaultEdgeLabel(() => ({}));
  for (const { name } of nodes) layout.setNode(name, { width: boxWidth, height: boxHeight });
  for (const { from, to } of edges) layout.setEdge(from, to);
  dagreLayout(layout);
  return layout;
}

function captionOf({ name, uses, instances }: NodeGraph['nodes'][number]): readonly string[] {
  const shown = uses.length > 2 ? `${uses[0]} and ${uses.length - 1} more` : uses.join(', ');
  return [`${name}${instances > 1 ? `  x${instances}` : ''}`, shown];
}

function fit(text: string): string {
  return text.length > 30 ? `${text.slice(0, 29)}…` : text;
}
