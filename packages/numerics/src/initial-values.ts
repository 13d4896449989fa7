import { type ParameterInfo, type RandomStream, sizeOf } from '@espalier/core';

/**
 * The values of a parameter that torchvision's ResNets start training from: kernels of convolutions normal with variance
 * 2 / (outputs * height * width) (Kaiming, fan out, for relu), dense kernels and biases uniform in +-1 / sqrt(inputs),
 * normalisation the identity.
 *
 * @param inputs values that one output is computed from, for a bias those of its kernel
 * @returns as many values as `parameter.shape` has, row-major
 *
 * Source: He et al. (2015), "Delving Deep into Rectifiers", https://arxiv.org/abs/1502.01852, as torchvision's resnet.py has it.
 */
export function initialValues(parameter: ParameterInfo, inputs: number, stream: RandomStream): Float32Array {
  const { name, role, shape } = parameter;
  const values = new Float32Array(sizeOf(shape));
  if (role === 'scale' || name.endsWith('.running_var')) return values.fill(1);
  if (role === 'shift' || role === 'statistic') return values;
  if (role === 'kernel' && shape.length > 2) {
    const deviation = Math.sqrt(2 / (shape[0]! * sizeOf(shape.slice(2))));
    return values.map(() => deviation * stream.normal());
  }
  const bound = 1 / Math.sqrt(inputs);
  return values.map(() => bound * (2 * stream.uniform() - 1));
}
