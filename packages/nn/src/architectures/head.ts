import { StudyError } from '@espalier/core';
import type { Network, Node } from '../graph/network.ts';
import { parametersOfNode } from '../graph/parameters.ts';
import type { DenseLayer } from '../layers/products/dense.ts';

/** Layers of one value that keep its shape and have no parameters: after a classifier, they change nothing of what it tells apart. */
const passing: ReadonlySet<string> = new Set(['activation', 'relu', 'scale', 'softmax']);

/**
 * The dense layer that gives the logits.
 *
 * @throws StudyError `nn/no-head` where the logits come from another kind of layer
 */
export function headOf({ architecture, nodes, output }: Network): Node<DenseLayer> {
  let node = nodes.find(({ name }) => name === output)!; // a network's output is one of its nodes
  while (passing.has(node.layer.kind)) {
    const [input] = node.inputs;
    const before = nodes.find(({ name }) => name === input);
    if (!before) break;
    node = before;
  }
  const { name, inputs, layer } = node;
  if (layer.kind === 'dense') return { name, inputs, layer };
  throw new StudyError(
    'nn/no-head',
    `The logits of the network ${architecture} come from "${name}", a layer of the kind "${layer.kind}"; only a dense layer can be replaced by a ` +
      'new one. Use weights for the classes of the data.',
  );
}

/**
 * The names of the head's parameters: of its kernel, and of its bias where it has one.
 *
 * @throws StudyError `nn/no-head`
 */
export function headParameters(network: Network): readonly string[] {
  return parametersOfNode(headOf(network)).map(({ name }) => name);
}

/**
 * The same network for another number of classes: its head has as many outputs.
 *
 * @throws StudyError `nn/no-head`
 */
export function withClasses(network: Network, classes: number): Network {
  const head = headOf(network);
  const changed: Node = { ...head, layer: { ...head.layer, outputs: classes } };
  return { ...network, nodes: network.nodes.map((node) => (node.name === head.name ? changed : node)) };
}
