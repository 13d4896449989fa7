import type { Layer } from '@espalier/nn';
import { scalarOf } from '../../constants/constant.ts';
import { floatOf, textOf } from '../../decode/onnx-node.ts';
import { computedInput, type Lowering, optionalConstant, type Rule, refused } from '../rule.ts';
import type { Value } from '../values.ts';

type Activation = Extract<Layer, { readonly kind: 'activation' }>['function'];

/** Functions of each value. */
export const activations: Readonly<Record<string, Rule>> = {
  Relu: { attributes: [], lower: (lowering) => unary(lowering, { kind: 'relu' }) },
  Sigmoid: { attributes: [], lower: (lowering) => activated(lowering, { kind: 'sigmoid' }) },
  Tanh: { attributes: [], lower: (lowering) => activated(lowering, { kind: 'tanh' }) },
  HardSwish: { attributes: [], lower: (lowering) => activated(lowering, { kind: 'hard-swish' }) },
  HardSigmoid: {
    attributes: ['alpha', 'beta'],
    lower: (lowering) =>
      activated(lowering, {
        kind: 'hard-sigmoid',
        slope: floatOf(lowering.node, 'alpha', 0.2),
        offset: floatOf(lowering.node, 'beta', 0.5),
      }),
  },
  Gelu: { attributes: ['approximate'], lower: lowerGelu },
  Swish: { attributes: ['alpha'], lower: lowerSwish },
  Clip: { attributes: ['min', 'max'], lower: lowerClip },
};

function lowerGelu(lowering: Lowering): readonly Value[] {
  const approximation = textOf(lowering.node, 'approximate', 'none') || 'none';
  if (approximation === 'none' || approximation === 'tanh') return activated(lowering, { kind: 'gelu', approximation });
  throw refused(lowering, `asks for the approximation "${approximation}"`);
}

function lowerSwish(lowering: Lowering): readonly Value[] {
  if (floatOf(lowering.node, 'alpha', 1) === 1) return activated(lowering, { kind: 'silu' });
  throw refused(lowering, `has an alpha of ${floatOf(lowering.node, 'alpha', 1)}; only 1 is supported`);
}

/** Bounds were attributes before version 11, and are inputs since. */
function lowerClip(lowering: Lowering): readonly Value[] {
  const { node } = lowering;
  const bound = (index: number, name: string, otherwise: number): number => {
    const constant = optionalConstant(lowering, index);
    if (!constant) return floatOf(node, name, otherwise);
    const value = scalarOf(constant);
    if (value === undefined || Number.isNaN(value)) throw refused(lowering, `has a ${name} that is no number`);
    return value;
  };
  const [least, most] = [bound(1, 'min', Number.NEGATIVE_INFINITY), bound(2, 'max', Number.POSITIVE_INFINITY)];
  if (!(least < most)) throw refused(lowering, `clips to the empty range from ${least} to ${most}`);
  if (least === 0 && most === Number.POSITIVE_INFINITY) return unary(lowering, { kind: 'relu' });
  return activated(lowering, { kind: 'clip', least, most });
}

function activated(lowering: Lowering, f: Activation): readonly Value[] {
  return unary(lowering, { kind: 'activation', function: f });
}

function unary(lowering: Lowering, layer: Layer): readonly Value[] {
  const x = computedInput(lowering, 0);
  return [lowering.builder.add(layer, [x.node], x.view)];
}
