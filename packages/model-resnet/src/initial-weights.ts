import { type NdArray, ndArray, type ParameterInfo, randomStream, type Weights } from '@espalier/core';
import { initialValues } from '@espalier/numerics';

/** Weights as torchvision's ResNet starts from. Every parameter has its own random stream. */
export function initialWeights(parameters: readonly ParameterInfo[], seed: number): Weights {
  const denseInputs = parameters.find(({ role, shape }) => role === 'kernel' && shape.length === 2)!.shape[1]!;
  return new Map(
    parameters.map((parameter): [string, NdArray] => {
      const { name, shape } = parameter;
      const values = initialValues(parameter, denseInputs, randomStream(seed, 'initial-weights', name));
      return [name, ndArray(['', 'o', 'o i', '', 'o i h w'][shape.length]!, shape, values)];
    }),
  );
}
