import { type ParameterInfo, type RandomStream, sizeOf } from '@espalier/core';

/** What the values of a parameter are drawn from before training. */
export type InitialDistribution =
  | { readonly kind: 'constant'; readonly value: number }
  /** Around 0. */
  | { readonly kind: 'normal'; readonly deviation: number }
  /** From -bound to bound. */
  | { readonly kind: 'uniform'; readonly bound: number };

/**
 * The values of a parameter that torchvision's ResNets start training from: drawn from `initialDistribution`.
 *
 * @param inputs values that one output is computed from, for a bias those of its kernel
 * @returns as many values as `parameter.shape` has, row-major
 */
export function initialValues(parameter: ParameterInfo, inputs: number, stream: RandomStream): Float32Array {
  return drawnFrom(initialDistribution(parameter, inputs), sizeOf(parameter.shape), stream);
}

/**
 * What torchvision's ResNets draw a parameter from: kernels of convolutions normal with variance 2 / (outputs * height * width) (Kaiming,
 * fan out, for relu), dense kernels and biases uniform in +-1 / sqrt(inputs), normalisation the identity.
 *
 * @param inputs values that one output is computed from, for a bias those of its kernel
 *
 * Source: He et al. (2015), "Delving Deep into Rectifiers", https://arxiv.org/abs/1502.01852, as torchvision's resnet.py has it.
 */
export function initialDistribution({ name, role, shape }: ParameterInfo, inputs: number): InitialDistribution {
  if (role === 'scale' || name.endsWith('.running_var')) return { kind: 'constant', value: 1 };
  if (role === 'shift' || role === 'statistic') return { kind: 'constant', value: 0 };
  if (role === 'kernel' && shape.length > 2)
    return { kind: 'normal', deviation: Math.sqrt(2 / (shape[0]! * sizeOf(shape.slice(2)))) };
  return { kind: 'uniform', bound: 1 / Math.sqrt(inputs) };
}

/**
 * Values of a parameter before training.
 * @returns values in the order of any array, `[count]`
 */
export function drawnFrom(distribution: InitialDistribution, count: number, stream: RandomStream): Float32Array {
  const values = new Float32Array(count);
  if (distribution.kind === 'constant') return values.fill(distribution.value);
  if (distribution.kind === 'normal') return values.map(() => distribution.deviation * stream.normal());
  return values.map(() => distribution.bound * (2 * stream.uniform() - 1));
}
