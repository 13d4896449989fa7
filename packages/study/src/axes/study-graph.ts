import { edgeKey, type ThroughInput } from '../file/connected-node.ts';
import { parseEdge } from '../file/edge-text.ts';
import type { StudyNode } from '../file/resolved-nodes.ts';
import type { WrittenEdge } from '../file/study-schema.ts';
import { below, type Placed } from '../text/placed.ts';
import type { Place, Problem } from '../text/problems.ts';
import { type EdgeLabels, readEdgeLabels } from './edge-labels.ts';

/** One connection: the port `port` of the node `node`, as written at `place`. */
export interface Edge {
  readonly node: string;
  readonly port: string;
  /** Which instances of the node are meant; all where it names no axis. */
  readonly at: EdgeLabels;
  readonly place: Place;
  /** The inputs of recipes that it comes by, the outermost first. */
  readonly through: readonly ThroughInput[];
}

/** The edges of every node by input port, and the nodes in an order in which each comes after what it uses. */
export interface StudyGraph {
  readonly edges: ReadonlyMap<string, ReadonlyMap<string, readonly Edge[]>>;
  /** Nodes that lie on a cycle, or use a node that does, are left out. */
  readonly order: readonly string[];
}

/** Reads the edges of `nodes` and orders them; reports cycles. Undefined nodes could not be read. */
export function studyGraph(
  nodes: ReadonlyMap<string, StudyNode | undefined>,
  report: (problem: Problem) => void,
): StudyGraph {
  const edges = new Map([...nodes].map(([name, node]) => [name, edgesOf(node)]));
  const all = new Map([...edges].map(([name, ports]) => [name, [...ports.values()].flat()]));
  return { edges, order: inOrder(all, (trail, edge) => report(cycle(trail, edge))) };
}

/**
 * The nodes with each after what it uses, without those that lie on a cycle or use one that does.
 *
 * @param edges of every node
 * @param onCycle is told of every edge that closes a cycle, and the nodes on the way to it
 */
export function inOrder<To extends { readonly node: string }>(
  edges: ReadonlyMap<string, readonly To[]>,
  onCycle: (trail: readonly string[], edge: To) => void,
): readonly string[] {
  const order: string[] = [];
  const state = new Map<string, 'open' | 'done' | 'bad'>();
  const visit = (name: string, trail: readonly string[]): boolean => {
    if (state.has(name)) return state.get(name) === 'done';
    state.set(name, 'open');
    let sound = true;
    for (const edge of edges.get(name)!) {
      if (state.get(edge.node) === 'open') {
        onCycle([...trail, name], edge);
        sound = false;
      } else if (!visit(edge.node, [...trail, name])) sound = false;
    }
    state.set(name, sound ? 'done' : 'bad');
    if (sound) order.push(name);
    return sound;
  };
  for (const name of edges.keys()) visit(name, []);
  return order;
}

/** An edge that leads to a node of the whole study. */
export function readEdge({ value, placeOf }: Placed<WrittenEdge>, through: Edge['through'] = []): Edge {
  const { node, port } = parseEdge(value.$from)!; // edges were led to nodes of the whole study
  return { node, port, at: readEdgeLabels(value.at, below(placeOf, 'at')), place: placeOf(['$from']), through };
}

function edgesOf(node: StudyNode | undefined): ReadonlyMap<string, readonly Edge[]> {
  const ports = new Map<string, readonly Edge[]>();
  for (const [port, value] of Object.entries(node?.value.in ?? {})) {
    const placeOf = below(node!.placeOf, 'in', port);
    const list = Array.isArray(value)
      ? value.map((item, index) => ({ value: item, placeOf: below(placeOf, index) }))
      : [{ value, placeOf }];
    ports.set(
      port,
      list.map((item, index) => readEdge(item, node!.through.get(edgeKey(port, index)))),
    );
  }
  return ports;
}

function cycle(trail: readonly string[], edge: Edge): Problem {
  const round = [...trail.slice(trail.indexOf(edge.node)), edge.node];
  const text =
    round.length === 2
      ? `The node "${edge.node}" uses itself. Connect it to another node, or use "scan" for a chain.`
      : `These nodes wait for each other: ${round.reverse().join(' -> ')}. Remove one of these edges.`;
  return { code: 'study/invalid', place: edge.place, text };
}
