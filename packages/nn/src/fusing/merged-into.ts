import type { Network, Node } from '../graph/network.ts';
import type { DenseLayer } from '../layers/products/dense.ts';
import type { ConvolutionLayer } from '../layers/windows/convolution-layer.ts';

/** A layer that computes more in the same pass. */
export type Pass = ConvolutionLayer | DenseLayer;

/** A node in place of two: of the one that was looked at, and of the one before it. */
export interface Merged {
  readonly merged: Node<Pass>;
  readonly replaced: string;
}

/** The convolution or dense layer of a name, if it may be merged: nothing else reads its value, and its sums have no end yet. */
export type Before = <Kind extends Pass['kind']>(
  name: string,
  ...kinds: readonly Kind[]
) => Node<Extract<Pass, { readonly kind: Kind }>> | null;

/** Puts a node and one before it into one, or gives null. */
export type Merge = (node: Node, before: Before) => Merged | null;

/** The network after `merge` has seen every node in order. */
export function mergedInto(network: Network, kept: ReadonlySet<string>, merge: Merge): Network {
  const nodes = new Map<string, Node>();
  const readers = readersOf(network);
  const before: Before = (name, ...kinds) => {
    const node = nodes.get(name);
    if (readers.get(name) !== 1 || kept.has(name) || name === network.output) return null;
    return node && isOneOf(node, kinds) && !node.layer.end ? node : null;
  };
  for (const node of network.nodes) {
    const found = merge(node, before);
    if (found) nodes.delete(found.replaced);
    nodes.set(node.name, found?.merged ?? node);
  }
  return { ...network, nodes: [...nodes.values()] };
}

function isOneOf<Kind extends Pass['kind']>(
  node: Node,
  kinds: readonly Kind[],
): node is Node<Extract<Pass, { readonly kind: Kind }>> {
  return (kinds as readonly string[]).includes(node.layer.kind);
}

function readersOf({ nodes }: Network): ReadonlyMap<string, number> {
  const readers = new Map<string, number>();
  for (const input of nodes.flatMap(({ inputs }) => inputs)) readers.set(input, (readers.get(input) ?? 0) + 1);
  return readers;
}
