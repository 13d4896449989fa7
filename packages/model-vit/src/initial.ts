import type { InitialRule } from '@espalier/nn/architectures';

/**
 * As torchvision's vision_transformer.py: patches normal with variance 1 / inputs, positions with a deviation of 0.02, queries, keys and values and
 * the dense layers of blocks uniform by Xavier, the biases of the latter with a deviation of 1e-6, the head, the class token and all other biases
 * 0. What it cuts off beyond 2, no value reaches.
 */
export const vitInitial: InitialRule = ({ name, role, shape }, inputs) => {
  if (role === 'scale') return { kind: 'constant', value: 1 };
  if (name === 'encoder.pos_embedding') return { kind: 'normal', deviation: 0.02 };
  if (name.includes('.mlp.') && role === 'bias') return { kind: 'normal', deviation: 1e-6 };
  if (role !== 'kernel' || name.startsWith('heads.')) return { kind: 'constant', value: 0 };
  if (name.startsWith('conv_proj.')) return { kind: 'normal', deviation: Math.sqrt(1 / inputs) };
  // PyTorch's default; its attention sets the other kernel alone.
  if (name.endsWith('.out_proj.weight')) return { kind: 'uniform', bound: 1 / Math.sqrt(inputs) };
  return { kind: 'uniform', bound: Math.sqrt(6 / (inputs + shape[0]!)) };
};
