import { type NdArray, ndArray, type ParameterInfo, randomStream, sizeOf, type Weights } from '@espalier/core';

/**
 * Weights as torchvision's ResNet starts from: convolutions from a normal distribution with variance
 * 2 / (outputs * size^2) (Kaiming, fan out, for relu), BatchNorm as the identity, the dense layer uniform in
 * +-1 / sqrt(inputs). Every parameter has its own random stream.
 */
export function initialWeights(parameters: readonly ParameterInfo[], seed: number): Weights {
  const denseInputs = parameters.find(({ role, shape }) => role === 'kernel' && shape.length === 2)!.shape[1]!;
  return new Map(
    parameters.map((parameter): [string, NdArray] => {
      const values = initialValues(parameter, seed, 1 / Math.sqrt(denseInputs));
      return [
        parameter.name,
        ndArray(['', 'o', 'o i', '', 'o i h w'][parameter.shape.length]!, parameter.shape, values),
      ];
    }),
  );
}

function initialValues({ name, shape, role }: ParameterInfo, seed: number, denseBound: number): Float32Array {
  const values = new Float32Array(sizeOf(shape));
  if (role === 'scale' || name.endsWith('.running_var')) return values.fill(1);
  if (role === 'shift' || role === 'statistic') return values;
  const stream = randomStream(seed, 'initial-weights', name);
  if (shape.length === 4) {
    const deviation = Math.sqrt(2 / (shape[0]! * shape[2]! * shape[3]!));
    return values.map(() => deviation * stream.normal());
  }
  return values.map(() => denseBound * (2 * stream.uniform() - 1));
}
