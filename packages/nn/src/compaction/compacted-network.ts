import type { Network, Node, Shape } from '../graph/network.ts';
import { parametersOfNode } from '../graph/parameters.ts';
import type { DenseLayer } from '../layers/products/dense.ts';
import type { ConvolutionLayer } from '../layers/windows/convolution-layer.ts';
import { type Compactable, type Constants, constantChannels } from './constant-channels.ts';
import { constantPart } from './constant-part.ts';
import { type Dropped, droppedChannels } from './dropped-channels.ts';
import { KeptArrays, placesKept } from './kept-arrays.ts';

/**
 * The network without the channels that depend on no image, since masks remove whole kernels: smaller kernels, fewer channels between them, and
 * the same logits up to rounding. What constant channels gave is put in as constants. Channels that others are added to stay, and so do those
 * that a layer reads which has no rule for less.
 */
export function compactedNetwork(start: Compactable, shapes: ReadonlyMap<string, Shape>): Compactable {
  const constants = constantChannels(start, shapes);
  const dropped = droppedChannels(start.network, constants, shapes);
  const arrays = new KeptArrays(start);
  const nodes = start.network.nodes.flatMap((node) =>
    compactedNode(node, { start, shapes, constants, dropped, arrays }),
  );
  const network: Network = { ...start.network, nodes };
  return { network, weights: arrays.weights, masks: arrays.masks };
}

interface Compaction {
  readonly start: Compactable;
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly constants: ReadonlyMap<string, Constants>;
  readonly dropped: Dropped;
  readonly arrays: KeptArrays;
}

function compactedNode(node: Node, compaction: Compaction): readonly Node[] {
  const { dropped, arrays } = compaction;
  const { name, layer } = node;
  const kept = placesKept(dropped.get(name) ?? []);
  if ((layer.kind === 'convolution' && layer.groups === 1) || (layer.kind === 'dense' && layer.axes === 'o i'))
    return withConstants({ ...node, layer }, kept, compaction);
  if (layer.kind !== 'batch-norm') {
    for (const parameter of parametersOfNode(node)) arrays.keep(parameter.name);
    return [node];
  }
  for (const parameter of parametersOfNode(node)) {
    if (parameter.shape.length === 0) arrays.keep(parameter.name);
    else arrays.keep(parameter.name, kept);
  }
  return [{ ...node, layer: { ...layer, channels: kept.length } }];
}

/** The layer with fewer inputs and outputs, and a sum with what the missing inputs gave. */
function withConstants(
  node: Node<ConvolutionLayer | DenseLayer>,
  outputs: readonly number[],
  { start, shapes, constants, dropped, arrays }: Compaction,
): readonly Node[] {
  const { name, layer } = node;
  const [input] = node.inputs as readonly [string];
  const goes = dropped.get(input)!;
  const inputs = placesKept(goes);
  arrays.keep(layer.weight, outputs, inputs);
  if (layer.bias !== null) arrays.keep(layer.bias, outputs);
  const gone = { constants: constants.get(input)!, dropped: goes, outputs };
  const part = constantPart(layer, start.weights, gone, shapes.get(input)!, shapes.get(name)!);
  const smaller = { ...layer, inputs: inputs.length, outputs: outputs.length };
  if (!part) return [{ ...node, layer: smaller }];
  const names = { kept: `${name}:kept`, constant: `${name}:constant` };
  return [
    { ...node, name: names.kept, layer: smaller },
    { name: names.constant, inputs: [], layer: part },
    { name, inputs: [names.kept, names.constant], layer: { kind: 'add' } },
  ];
}
