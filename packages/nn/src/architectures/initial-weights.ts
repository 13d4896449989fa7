import { type NdArray, ndArray, type ParameterInfo, randomStream, sizeOf, type Weights } from '@espalier/core';
import { drawnFrom } from '@espalier/numerics';
import type { InitialRule } from '../graph/initial-rule.ts';
import { axesOf } from '../graph/parameters.ts';

/**
 * Weights as training starts from them. Every parameter has its own random stream, by the seed and its name.
 *
 * @param parameters of the network, or those of some of its layers
 * @param rule what a parameter is drawn from
 */
export function initialWeights(parameters: readonly ParameterInfo[], rule: InitialRule, seed: number): Weights {
  return new Map(
    parameters.map((parameter): [string, NdArray] => {
      const { name, shape } = parameter;
      const stream = randomStream(seed, 'initial-weights', name);
      const values = drawnFrom(rule(parameter, inputsOf(parameter, parameters)), sizeOf(shape), stream);
      return [name, ndArray(axesOf(shape), shape, values)];
    }),
  );
}

/** Input values of one output: of the kernel itself, or of the one in the same module. */
function inputsOf({ name, role, shape }: ParameterInfo, parameters: readonly ParameterInfo[]): number {
  if (role === 'kernel') return sizeOf(shape.slice(1));
  const module = name.slice(0, name.lastIndexOf('.') + 1);
  const kernel = parameters.find((other) => other.role === 'kernel' && other.name.startsWith(module));
  return kernel ? sizeOf(kernel.shape.slice(1)) : 1;
}
