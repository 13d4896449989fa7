import type { Masks, Weights } from '@espalier/core';
import { normOf, valuesOf } from '../fusing/evaluated.ts';
import { affineOf } from '../fusing/fold-batch-norm.ts';
import { imagesName, type Network, type Node, type Shape } from '../graph/network.ts';
import type { DenseLayer } from '../layers/products/dense.ts';
import type { ConvolutionLayer } from '../layers/windows/convolution-layer.ts';
import { activated } from './activated.ts';

/** For each channel of a value, its last axis: the one number that it has at every place of every image, or null. */
export type Constants = readonly (number | null)[];

/** What is compacted. */
export interface Compactable {
  readonly network: Network;
  readonly weights: Weights;
  readonly masks: Masks;
}

/**
 * The channels that depend on no image, since masks remove every kernel that leads to them. What follows a removed convolution, its BatchNorm,
 * relu and sums, still gives a number, which need not be 0.
 */
export function constantChannels(
  start: Compactable,
  shapes: ReadonlyMap<string, Shape>,
): ReadonlyMap<string, Constants> {
  const constants = new Map<string, Constants>([[imagesName, none(shapes.get(imagesName)!.at(-1)!)]]);
  for (const node of start.network.nodes) {
    const channels = shapes.get(node.name)!.at(-1) ?? 1;
    const inputs = node.inputs.map((input) => constants.get(input)!);
    constants.set(node.name, constantsOf(start, node, inputs, shapes) ?? none(channels));
  }
  return constants;
}

function none(channels: number): Constants {
  return new Array<null>(channels).fill(null);
}

/** Null where nothing is known. */
function constantsOf(
  { weights, masks }: Compactable,
  { inputs: names, layer }: Node,
  inputs: readonly Constants[],
  shapes: ReadonlyMap<string, Shape>,
): Constants | null {
  const [first] = inputs;
  const map = (f: (value: number, channel: number) => number): Constants =>
    first!.map((value, c) => (value === null ? null : f(value, c)));
  switch (layer.kind) {
    case 'convolution':
      return layer.groups === 1 ? ofRemovedOutputs(layer, layer.outputs, weights, masks) : null;
    case 'dense':
      return ofRemovedOutputs(layer, layer.outputs, weights, masks);
    case 'batch-norm': {
      const { factor, offset } = affineOf(normOf(layer, weights), layer.epsilon);
      return map((value, c) => factor[c]! * value + offset[c]!);
    }
    case 'relu':
      return map((value) => Math.max(0, value));
    case 'activation':
      return map((value) => activated(layer.function, value));
    case 'scale':
      return map((value) => layer.factor * value);
    case 'max-pool':
      return first!;
    case 'mean':
      return isOverChannels(layer.axes, shapes.get(names[0]!)!) ? null : first!;
    case 'add':
      return ofBoth(names, inputs, shapes, (a, b) => a + b);
    default:
      return null;
  }
}

function isOverChannels(axes: readonly number[], shape: Shape): boolean {
  return axes.includes(shape.length - 1);
}

/** Of two values of one shape: where both are constant. */
function ofBoth(
  names: readonly string[],
  [a, b]: readonly Constants[],
  shapes: ReadonlyMap<string, Shape>,
  f: (a: number, b: number) => number,
): Constants | null {
  if (shapes.get(names[0]!)!.join() !== shapes.get(names[1]!)!.join()) return null;
  return a!.map((value, c) => {
    const other = b![c]!;
    return value === null || other === null ? null : f(value, other);
  });
}

/** An output whose whole kernel is removed gives its bias. */
function ofRemovedOutputs(
  layer: ConvolutionLayer | DenseLayer,
  outputs: number,
  weights: Weights,
  masks: Masks,
): Constants | null {
  const mask = masks.get(layer.weight);
  if (!mask || (layer.kind === 'dense' && layer.axes === 'i o')) return null;
  const bias = layer.bias === null ? null : valuesOf(weights, layer.bias);
  const perOutput = mask.length / outputs;
  return Array.from({ length: outputs }, (_, o) => {
    const kept = mask.subarray(o * perOutput, (o + 1) * perOutput).includes(1);
    return kept ? null : (bias?.[o] ?? 0);
  });
}
