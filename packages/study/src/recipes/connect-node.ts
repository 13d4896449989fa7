import { type ConnectedNode, edgeKey, type ThroughInput } from '../file/connected-node.ts';
import type { WrittenNode } from '../file/read-study.ts';
import type { UnresolvedEdge } from '../file/study-schema.ts';
import type { Path } from '../text/located-text.ts';
import { assembled, below, type Placed } from '../text/placed.ts';
import type { Problem } from '../text/problems.ts';
import { edgesAt, type ResolvedEdge, resolveEdge } from './resolve-edge.ts';
import { type Scope, withParams } from './scope.ts';

/** A node of a study or of a recipe as a node of the whole study: the recipe's parameters put in, and its edges led on. */
export function connectNode(node: WrittenNode, scope: Scope, report: (problem: Problem) => void): ConnectedNode {
  const { holes, ...placed } = withParams(node, scope, report);
  const through = new Map<string, readonly ThroughInput[]>();
  if (!node.isWellFormed) return { ...placed, isWellFormed: false, holes, through };
  const written = placed.value as { readonly in?: Readonly<Record<string, UnresolvedEdge | UnresolvedEdge[]>> }; // well formed
  const open: Path[] = [];
  const ports = Object.entries(written.in ?? {}).flatMap(([port, value]): [string, Placed][] => {
    const at: Placed<UnresolvedEdge | UnresolvedEdge[]> = { value, placeOf: below(placed.placeOf, 'in', port) };
    const found = edgesAt(at).map((edge) => resolveEdge(edge, scope, report));
    if (found.some((each) => each === undefined)) open.push(['in', port]);
    const edges = found.flatMap((each) => each ?? []);
    for (const [index, edge] of edges.entries()) through.set(edgeKey(port, index), edge.through);
    return edges.length === 0 ? [] : [[port, connection(edges, at)]];
  });
  const connected = { isWellFormed: true, holes: [...holes, ...open], through };
  return written.in ? { ...withInputs(placed, new Map(ports)), ...connected } : { ...placed, ...connected };
}

function connection(edges: readonly ResolvedEdge[], { value, placeOf }: Placed): Placed {
  const placed = edges.map((edge) => placedEdge(edge, placeOf));
  const [first] = placed;
  if (first && placed.length === 1 && !Array.isArray(value)) return first;
  return {
    value: placed.map((edge) => edge.value),
    placeOf: ([index, ...rest]) => placed[Number(index)]?.placeOf(rest) ?? placeOf([]),
  };
}

/** An edge as a study writes it. */
export function placedEdge({ from, at, place }: ResolvedEdge, around: Placed['placeOf']): Placed {
  const source: Placed = { value: from, placeOf: () => place };
  const labels = at.size > 0 ? [['at', assembled(at, place)] as const] : [];
  return assembled(new Map([['$from', source], ...labels]), around([]));
}

function withInputs(node: Placed, ports: ReadonlyMap<string, Placed>): Placed {
  const inputs = assembled(ports, node.placeOf(['in']));
  return {
    value: { ...(node.value as object), in: inputs.value }, // a node is an object
    placeOf: (path) => (path[0] === 'in' && path.length > 1 ? inputs.placeOf(path.slice(1)) : node.placeOf(path)),
  };
}
