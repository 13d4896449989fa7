import { type CoupledChannels, coupledChannels } from '../channels/coupled-channels.ts';
import type { Node, Shape } from '../graph/network.ts';
import { parametersOfNode } from '../graph/parameters.ts';
import type { DenseLayer } from '../layers/products/dense.ts';
import { type ConvolutionLayer, isDepthwise } from '../layers/windows/convolution-layer.ts';
import { type Compactable, type Constants, constantChannels } from './constant-channels.ts';
import { constantPart } from './constant-part.ts';
import { droppedClasses } from './dropped-channels.ts';
import { indicesOf, KeptArrays, placesKept } from './kept-arrays.ts';

/**
 * The network without the channels that masks remove whole: those that no kernel reads any more, and those that depend on no image, since masks
 * remove every kernel that leads to them; what these gave is put in as constants. Smaller kernels, fewer channels between them, and the same
 * logits up to rounding. Channels that others go together with stay until all of them can go.
 */
export function compactedNetwork(start: Compactable, shapes: ReadonlyMap<string, Shape>): Compactable {
  const constants = constantChannels(start, shapes);
  const coupled = coupledChannels(start.network, shapes);
  const goes = droppedClasses(start.network.nodes, coupled, constants, start.masks);
  const arrays = new KeptArrays(start);
  const compaction = { start, shapes, constants, arrays, places: placesThat(coupled, goes) };
  keepParameters(compaction, coupled, goes);
  const nodes = start.network.nodes.flatMap((node) => compactedNode(node, compaction));
  return { network: { ...start.network, nodes }, weights: arrays.weights, masks: arrays.masks };
}

interface Compaction {
  readonly start: Compactable;
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly constants: ReadonlyMap<string, Constants>;
  readonly arrays: KeptArrays;
  readonly places: ReadonlyMap<string, { readonly axis: number; readonly dropped: readonly boolean[] }>;
}

/** Of each value, the axis that loses places, and which. */
function placesThat({ values }: CoupledChannels, goes: ReadonlySet<number>): Compaction['places'] {
  return new Map(
    [...values].map(([name, { axis, classes }]) => [name, { axis, dropped: classes.map((each) => goes.has(each)) }]),
  );
}

/** Each parameter with what stays of it. */
function keepParameters({ start, arrays }: Compaction, { parts }: CoupledChannels, goes: ReadonlySet<number>): void {
  const axes = new Map<string, (readonly number[] | undefined)[]>();
  for (const { parameter, axis, classes } of parts) {
    const known = axes.get(parameter) ?? [];
    known[axis] = placesKept(classes.map((each) => goes.has(each)));
    axes.set(parameter, known);
  }
  for (const { name } of start.network.nodes.flatMap(parametersOfNode)) arrays.keep(name, axes.get(name) ?? []);
}

/** The node with the channels that stay on both sides. */
function compactedNode(node: Node, compaction: Compaction): readonly Node[] {
  const { shapes, places } = compaction;
  const { name, layer } = node;
  const { axis, dropped } = places.get(name)!;
  const kept = placesKept(dropped);
  const inputs = places.get(node.inputs[0] ?? name)!;
  const shape = shapes.get(name)!.map((length, at) => (at === axis ? kept.length : length));
  const left = (upTo: number) => placesKept(inputs.dropped.slice(0, upTo)).length;
  switch (layer.kind) {
    case 'dense':
      return withConstants({ ...node, layer }, kept, compaction);
    case 'convolution': {
      if (!isDepthwise(layer)) return withConstants({ ...node, layer }, kept, compaction);
      const channels = left(inputs.dropped.length);
      return [{ ...node, layer: { ...layer, inputs: channels, groups: channels, outputs: kept.length } }];
    }
    case 'batch-norm':
    case 'affine':
      return [{ ...node, layer: { ...layer, channels: kept.length } }];
    case 'reshape':
    case 'parameter':
      return [{ ...node, layer: { ...layer, shape } }];
    case 'constant': {
      const indices = indicesOf(
        layer.shape,
        layer.shape.map((_, at) => (at === axis ? kept : undefined)),
      );
      return [{ ...node, layer: { ...layer, shape, values: Float32Array.from(indices, (i) => layer.values[i]!) } }];
    }
    case 'slice':
      if (inputs.axis !== layer.axis) return [node];
      return [{ ...node, layer: { ...layer, start: left(layer.start), end: left(layer.end) } }];
    case 'gather': {
      if (inputs.axis !== layer.axis) return [node];
      const indices = layer.indices.filter((place) => !inputs.dropped[place]).map(left);
      return [{ ...node, layer: { ...layer, indices } }];
    }
    default:
      return [node];
  }
}

/** The layer with fewer inputs and outputs, and a sum with what the missing inputs gave. */
function withConstants(
  node: Node<ConvolutionLayer | DenseLayer>,
  outputs: readonly number[],
  { start, shapes, constants, places }: Compaction,
): readonly Node[] {
  const { name, layer } = node;
  const [input] = node.inputs as readonly [string];
  const { dropped } = places.get(input)!;
  const gone = { constants: constants.get(input)!, dropped, outputs };
  const part = constantPart(layer, start.weights, gone, shapes.get(input)!, shapes.get(name)!);
  const smaller = { ...layer, inputs: placesKept(dropped).length, outputs: outputs.length };
  if (!part) return [{ ...node, layer: smaller }];
  const names = { kept: `${name}:kept`, constant: `${name}:constant` };
  return [
    { ...node, name: names.kept, layer: smaller },
    { name: names.constant, inputs: [], layer: part },
    { name, inputs: [names.kept, names.constant], layer: { kind: 'add' } },
  ];
}
