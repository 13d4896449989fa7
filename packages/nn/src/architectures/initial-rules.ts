import { sizeOf } from '@espalier/core';
import type { InitialRule } from '../graph/initial-rule.ts';

/**
 * As torchvision's ResNets: kernels of convolutions normal with variance 2 / (outputs * height * width) (Kaiming, fan out, for relu), dense kernels
 * and biases uniform in +-1 / sqrt(inputs), PyTorch's default; normalisation the identity.
 *
 * Source: He et al. (2015), "Delving Deep into Rectifiers", https://arxiv.org/abs/1502.01852, as torchvision's resnet.py has it.
 */
export const usualInitial: InitialRule = ({ name, role, shape }, inputs) => {
  if (role === 'scale' || name.endsWith('.running_var')) return { kind: 'constant', value: 1 };
  if (role === 'shift' || role === 'statistic') return { kind: 'constant', value: 0 };
  if (role === 'kernel' && shape.length > 2)
    return { kind: 'normal', deviation: Math.sqrt(2 / (shape[0]! * sizeOf(shape.slice(2)))) };
  return { kind: 'uniform', bound: 1 / Math.sqrt(inputs) };
};

/** As torchvision's VGGs and MobileNetV2: the same, but dense kernels with a deviation of 0.01, and biases 0. */
export const smallDenseInitial: InitialRule = (parameter, inputs) => {
  if (parameter.role === 'bias') return { kind: 'constant', value: 0 };
  if (parameter.role === 'kernel' && parameter.shape.length === 2) return { kind: 'normal', deviation: 0.01 };
  return usualInitial(parameter, inputs);
};

/**
 * As the layers of PyTorch reset themselves, whatever the network: kernels and biases uniform in +-1 / sqrt(inputs), normalisation the identity. What is
 * learned beside layers has no rule there; it is drawn with the deviation that vision transformers give to the embeddings of positions.
 */
export const layerInitial: InitialRule = ({ role }, inputs) => {
  if (role === 'embedding') return { kind: 'normal', deviation: 0.02 };
  if (role === 'kernel' || role === 'bias') return { kind: 'uniform', bound: 1 / Math.sqrt(inputs) };
  return { kind: 'constant', value: role === 'scale' ? 1 : 0 };
};
