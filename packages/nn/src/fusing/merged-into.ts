import type { Network, Node } from '../graph/network.ts';
import type { ConvolutionLayer } from '../layers/windows/convolution-layer.ts';

/** A node in place of two: of the one that was looked at, and of the convolution before it. */
export interface Merged {
  readonly merged: Node<ConvolutionLayer>;
  readonly replaced: string;
}

/**
 * Puts a node and a convolution before it into one, or gives null.
 *
 * `before` gives the convolution of a name, if it may be merged: nothing else reads its value, and relu is not applied yet.
 */
export type Merge = (node: Node, before: (name: string) => Node<ConvolutionLayer> | null) => Merged | null;

/** The network after `merge` has seen every node in order. */
export function mergedInto(network: Network, kept: ReadonlySet<string>, merge: Merge): Network {
  const nodes = new Map<string, Node>();
  const readers = readersOf(network);
  const before = (name: string): Node<ConvolutionLayer> | null => {
    const node = nodes.get(name);
    if (readers.get(name) !== 1 || kept.has(name) || name === network.output) return null;
    if (node?.layer.kind !== 'convolution' || node.layer.relu) return null;
    return node as Node<ConvolutionLayer>; // its kind was looked at
  };
  for (const node of network.nodes) {
    const found = merge(node, before);
    if (found) nodes.delete(found.replaced);
    nodes.set(node.name, found?.merged ?? node);
  }
  return { ...network, nodes: [...nodes.values()] };
}

function readersOf({ nodes }: Network): ReadonlyMap<string, number> {
  const readers = new Map<string, number>();
  for (const input of nodes.flatMap(({ inputs }) => inputs)) readers.set(input, (readers.get(input) ?? 0) + 1);
  return readers;
}
