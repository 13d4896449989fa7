import type { Network, Node } from './network.ts';

/** The nodes that `target` is computed from, with the value `given` at hand; in topological order. */
export function neededFor({ nodes }: Pick<Network, 'nodes'>, target: string, given: string): readonly Node[] {
  const wanted = new Set([target]);
  const needed: Node[] = [];
  for (const node of nodes.toReversed()) {
    if (!wanted.has(node.name) || node.name === given) continue;
    needed.push(node);
    for (const input of node.inputs) wanted.add(input);
  }
  return needed.reverse();
}
