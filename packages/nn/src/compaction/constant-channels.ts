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
    case 'dense':
      return ofRemovedOutputs(layer, weights, masks);
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
    case 'affine': {
      const [factor, offset] = [valuesOf(weights, layer.factor), valuesOf(weights, layer.offset)];
      return map((value, c) => factor[c]! * value + offset[c]!);
    }
    case 'max-pool':
      return first!;
    case 'average-pool':
      return map((value) => (layer.countsPadding && value !== 0 ? Number.NaN : value)); // of a border, other means
    case 'mean':
      return isLast(layer.axes, shapes.get(names[0]!)!) ? null : first!;
    case 'add':
      return ofBoth(names, inputs, shapes, (a, b) => a + b);
    case 'multiply':
      return ofBoth(names, inputs, shapes, (a, b) => a * b);
    case 'concat':
      return isLast([layer.axis], shapes.get(names[0]!)!) ? inputs.flat() : null;
    case 'slice':
      return isLast([layer.axis], shapes.get(names[0]!)!) ? first!.slice(layer.start, layer.end) : first!;
    default:
      return null;
  }
}

function isLast(axes: readonly number[], shape: Shape): boolean {
  return axes.includes(shape.length - 1);
}

/** Of two values with as many channels: where both are constant. */
function ofBoth(
  names: readonly string[],
  [a, b]: readonly Constants[],
  shapes: ReadonlyMap<string, Shape>,
  f: (a: number, b: number) => number,
): Constants | null {
  if (shapes.get(names[0]!)!.at(-1) !== shapes.get(names[1]!)!.at(-1)) return null;
  return a!.map((value, c) => {
    const other = b![c]!;
    return value === null || other === null ? null : f(value, other);
  });
}

/** An output whose whole kernel is removed gives its bias. */
function ofRemovedOutputs(layer: ConvolutionLayer | DenseLayer, weights: Weights, masks: Masks): Constants | null {
  const mask = masks.get(layer.weight);
  if (!mask) return null;
  const bias = layer.bias === null ? null : valuesOf(weights, layer.bias);
  const perOutput = mask.length / layer.outputs;
  const [step, each] = layer.kind === 'dense' && layer.axes === 'i o' ? [1, layer.outputs] : [perOutput, 1];
  return Array.from({ length: layer.outputs }, (_, o) => {
    for (let i = 0; i < perOutput; i++) if (mask[o * step + i * each] === 1) return null;
    return bias?.[o] ?? 0;
  });
}
