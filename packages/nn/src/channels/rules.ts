import { sizeOf } from '@espalier/core';
import type { Node, Shape } from '../graph/network.ts';
import type { Layer } from '../layers/layer.ts';
import { isDepthwise } from '../layers/windows/convolution-layer.ts';
import type { Couplings } from './couplings.ts';
import { elementwise } from './elementwise.ts';
import { joined, type Places, picked, placesAlong, placesBy, reshaped, transposed, united } from './places.ts';

/** What a rule knows beside its layer. */
interface Step {
  /** Of the node. */
  readonly name: string;
  readonly inputs: readonly Places[];
  /** Of the result. */
  readonly shape: Shape;
  readonly couplings: Couplings;
}

type LayerOf<Kind extends Layer['kind']> = Extract<Layer, { readonly kind: Kind }>;

/** What each kind of layer couples, and which channels its result has. */
const rules: { readonly [Kind in Layer['kind']]: (layer: LayerOf<Kind>, step: Step) => Places } = {
  activation: same,
  relu: same,
  scale: same,
  add: (_, step) => elementwise(step.inputs, step),
  multiply: (_, step) => elementwise(step.inputs, step),
  affine: ({ factor, offset }, step) => withParts([factor, offset], step),
  'batch-norm': ({ scale, shift, mean, variance }, step) => withParts([scale, shift, mean, variance], step),
  'average-pool': (_, step) => placesAlong(step.shape, lastOf(step)),
  'max-pool': (_, step) => placesAlong(step.shape, lastOf(step)),
  concat: ({ axis }, { inputs, shape, couplings }) => joined(inputs, shape, axis, couplings),
  constant: (_, { couplings, shape }) => eachFrom(couplings.fresh(sizeOf(shape)), shape),
  parameter: ({ parameter }, { couplings, shape }) => eachFrom(couplings.whole(parameter, sizeOf(shape)), shape),
  convolution: convolved,
  dense(layer, step) {
    const { shape, couplings } = step;
    const { weight, bias, axes } = layer;
    const outputs = couplings.part(weight, axes.indexOf('o') / 2, layer.outputs);
    const reads = couplings.part(weight, axes.indexOf('i') / 2, layer.inputs, 'input');
    uniteEach(couplings, reads, lastOf(step));
    if (bias !== null) uniteEach(couplings, outputs, couplings.part(bias, 0, layer.outputs));
    return placesAlong(shape, outputs);
  },
  gather: ({ axis, indices }, { inputs }) => picked(inputs[0]!, axis, indices),
  slice: ({ axis, start, end }, { inputs }) =>
    picked(
      inputs[0]!,
      axis,
      Array.from({ length: end - start }, (_, i) => start + i),
    ),
  'layer-norm': (_, step) => together(step, [-1]),
  softmax: (_, step) => together(step, [-1]),
  matmul: (_, { inputs, ...step }) =>
    elementwise(
      inputs.map((input) => together({ ...step, inputs: [input] }, [-1, -2])),
      step,
    ),
  mean({ axes, keepsAxes }, step) {
    const x = together(step, axes);
    const left = (lengths: readonly number[]) =>
      keepsAxes
        ? lengths.map((length, i) => (axes.includes(i) ? 1 : length))
        : lengths.filter((_, i) => !axes.includes(i));
    return { shape: step.shape, sizes: left(x.sizes), ids: x.ids };
  },
  reshape: ({ shape }, { inputs, couplings }) => reshaped(inputs[0]!, shape, couplings),
  transpose: ({ permutation }, { inputs }) => transposed(inputs[0]!, permutation),
};

/** The channels of a node's result; `couplings` learns which go together only. */
export function placesOf({ name, layer }: Node, step: Omit<Step, 'name'>): Places {
  const rule = rules[layer.kind] as (layer: Layer, step: Step) => Places; // the table gives each kind its own layers
  return rule(layer, { name, ...step });
}

/** An id for each number, from `first` on. */
function eachFrom(first: number, shape: Shape): Places {
  let next = first;
  return placesBy(shape, shape, () => next++);
}

function same(_: Layer, { inputs }: Step): Places {
  return inputs[0]!;
}

/** Parameters of a value for each channel. */
function withParts(parameters: readonly string[], step: Step): Places {
  const channels = lastOf(step);
  for (const name of parameters) uniteEach(step.couplings, channels, step.couplings.part(name, 0, channels.length));
  return placesAlong(step.shape, channels);
}

function convolved(layer: LayerOf<'convolution'>, step: Step): Places {
  const { couplings, shape } = step;
  const { weight, bias, inputs, outputs, groups } = layer;
  const given = couplings.part(weight, 0, outputs);
  const channels = lastOf(step);
  if (isDepthwise(layer)) {
    for (const [o, id] of given.entries()) couplings.unite(channels[Math.floor((o * inputs) / outputs)]!, id);
  } else {
    const reads = couplings.part(weight, 1, inputs / groups, 'input');
    // Every group must lose as many channels as the others, so that the kernel keeps its form: those of the same place in their groups.
    for (const [i, id] of channels.entries()) couplings.unite(id, reads[i % (inputs / groups)]!);
    for (const [o, id] of given.entries()) couplings.unite(id, given[o % (outputs / groups)]!);
  }
  if (bias !== null) uniteEach(couplings, given, couplings.part(bias, 0, outputs));
  return placesAlong(shape, given);
}

/** The channels of the first input, of which every place has the same. */
function lastOf({ inputs: [x], couplings, name }: Step): readonly number[] {
  const sizes = x!.sizes.map((length, axis) => (axis === x!.sizes.length - 1 ? length : 1));
  const { ids } = united(x!, sizes, couplings, `"${name}" reads them at every place`);
  return Array.from({ length: x!.shape.at(-1)! }, (_, c) => ids[ids.length === 1 ? 0 : c]!);
}

/** All places of some axes go together; counted from the end where negative. */
function together({ inputs: [x], couplings, name }: Omit<Step, 'shape'>, axes: readonly number[]): Places {
  const rank = x!.sizes.length;
  const sizes = x!.sizes.map((length, axis) => (axes.includes(axis) || axes.includes(axis - rank) ? 1 : length));
  return united(x!, sizes, couplings, `"${name}" needs all of them`);
}

function uniteEach(couplings: Couplings, a: readonly number[], b: readonly number[]): void {
  for (const [i, id] of a.entries()) couplings.unite(id, b[i]!);
}
