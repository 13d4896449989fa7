import {
  type Masks,
  type NdArray,
  type ParameterInfo,
  randomStream,
  StudyError,
  sizeOf,
  type Weights,
} from '@espalier/core';
import { drawnFrom } from '@espalier/numerics';
import type { LayerGroup } from './layer-groups.ts';
import { mersenneTwister } from './mersenne-twister.ts';

/** The masks of a network before and after some of its layers are randomised. */
export interface MaskChange {
  readonly before: Masks;
  readonly after: Masks;
}

/** Values for the parameters of one layer that have nothing to do with what was learned. */
export type Randomise = (layer: LayerGroup, trained: Weights, masks: MaskChange) => ReadonlyMap<string, Float32Array>;

/**
 * Draws from the distribution that training starts from by the rule of the network's architecture, a stream of its own for every parameter.
 *
 * @throws StudyError `core/not-supported`, when it is called, where the model does not say that distribution
 */
export function initialDistribution(seed: number): Randomise {
  return ({ parameters }) =>
    new Map(
      parameters.map(({ name, shape, initial }) => {
        if (!initial) throw withoutRule(name);
        return [name, drawnFrom(initial, sizeOf(shape), randomStream(seed, 'randomised-parameter', name))];
      }),
    );
}

function withoutRule(name: string): StudyError {
  return new StudyError(
    'core/not-supported',
    `The model does not say what its parameter "${name}" is drawn from before training, so \`weights\` "initial" cannot draw it. ` +
      'Set `weights` to "permuted" or "torch-reset".',
  );
}

/**
 * The layer's own values in another order, at the places that the masks leave: with masks that are permuted, too, every place takes any
 * value of the layer.
 */
export function permutation(seed: number): Randomise {
  return ({ parameters }, trained, { before, after }) =>
    new Map(
      parameters.map(({ name }) => {
        const { data } = trained.get(name)!; // every parameter has weights
        const places = keptPlaces(data, after.get(name));
        // Without a mask afterwards, what the one before removed is a value like any other: 0.
        const from = keptPlaces(data, after.has(name) ? before.get(name) : undefined);
        const order = randomStream(seed, 'permuted-parameter', name).shuffled(from);
        const values = new Float32Array(data.length);
        places.forEach((to, i) => {
          values[to] = data[order[i]!]!;
        });
        return [name, values];
      }),
    );
}

function keptPlaces(data: Float32Array, mask: Uint8Array | undefined): readonly number[] {
  return [...data.keys()].filter((i) => mask === undefined || mask[i] === 1);
}

/** What becomes of the masks of a layer whose weights are random. */
export type MaskRule = 'permuted' | 'kept' | 'none';

/**
 * `masks` with those of one layer changed: `permuted` keeps as many weights of every parameter, at other places, each by a stream of its
 * own, so that nothing is left of which weights training chose; `none` keeps all weights.
 */
export function randomMasks(rule: MaskRule, seed: number): ({ parameters }: LayerGroup, masks: Masks) => Masks {
  return ({ parameters }, masks) => {
    const own = new Set(rule === 'kept' ? [] : parameters.map(({ name }) => name));
    return new Map(
      [...masks].flatMap(([name, mask]): [string, Uint8Array][] => {
        if (!own.has(name)) return [[name, mask]];
        if (rule === 'none') return [];
        return [[name, Uint8Array.from(randomStream(seed, 'permuted-mask', name).shuffled([...mask]))]];
      }),
    );
  };
}

/**
 * What PyTorch's `reset_parameters` leaves on a CPU after `torch.manual_seed(seed)`, to the last bit, the generator seeded
 * anew for every layer as Quantus 0.5.3 does: so layers of one shape get the same weights. Kernels, then biases, are
 * uniform in +-1 / sqrt(inputs); BatchNorm is the identity.
 */
export function torchReset(seed: number): Randomise {
  return (layer) => {
    const next = mersenneTwister(seed);
    return new Map(
      layer.parameters.map((parameter) => {
        const { name, role, shape } = parameter;
        const values = new Float32Array(sizeOf(shape));
        if (role === 'scale' || name.endsWith('.running_var')) values.fill(1);
        if (role !== 'kernel' && role !== 'bias') return [name, values];
        const bound = Math.fround(1 / Math.sqrt(inputsOf(parameter, layer)));
        const width = Math.fround(bound + bound);
        // One rounding, as of a fused multiply and add: the product is exact here.
        return [name, values.map(() => Math.fround(((next() & 0xffffff) / 2 ** 24) * width - bound))];
      }),
    );
  };
}

/** Input values of one output: of the kernel itself, or of the one that a bias is added to. */
function inputsOf({ name, role, shape }: ParameterInfo, { parameters }: LayerGroup): number {
  if (role === 'kernel') return sizeOf(shape.slice(1));
  const module = name.slice(0, name.lastIndexOf('.'));
  const kernel = parameters.find((other) => other.role === 'kernel' && other.name.startsWith(`${module}.`));
  return kernel ? sizeOf(kernel.shape.slice(1)) : 1;
}

/** `weights` with other values for some parameters. */
export function withValues(weights: Weights, values: ReadonlyMap<string, Float32Array>): Weights {
  return new Map(
    [...weights].map(([name, array]): [string, NdArray] => [name, { ...array, data: values.get(name) ?? array.data }]),
  );
}
