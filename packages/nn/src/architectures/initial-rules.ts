import { initialDistribution } from '@espalier/numerics';
import type { InitialRule } from './architecture.ts';

/**
 * As torchvision's ResNets: Kaiming (fan out) for convolutions, uniform in +-1 / sqrt(inputs) for dense layers, PyTorch's default; normalisation
 * the identity.
 */
export const usualInitial: InitialRule = initialDistribution;

/** As torchvision's VGGs and MobileNetV2: the same, but dense kernels with a deviation of 0.01, and biases 0. */
export const smallDenseInitial: InitialRule = (parameter, inputs) => {
  if (parameter.role === 'bias') return { kind: 'constant', value: 0 };
  if (parameter.role === 'kernel' && parameter.shape.length === 2) return { kind: 'normal', deviation: 0.01 };
  return initialDistribution(parameter, inputs);
};
