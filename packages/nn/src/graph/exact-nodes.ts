import type { Network } from './network.ts';

/**
 * The nodes that compute in float32 whatever the network computes in: the last dense layer, and what follows it. Logits are compared with each
 * other, and a bfloat16 has two to three digits.
 */
export function exactNodes({ nodes, output }: Pick<Network, 'nodes' | 'output'>): ReadonlySet<string> {
  const exact = new Set<string>();
  for (let name = output; ; ) {
    const node = nodes.find((each) => each.name === name);
    if (!node || node.layer.kind === 'convolution') return exact;
    exact.add(name);
    if (node.layer.kind === 'dense' || node.inputs.length !== 1) return exact;
    name = node.inputs[0]!;
  }
}
