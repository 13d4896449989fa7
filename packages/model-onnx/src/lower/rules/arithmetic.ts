import { type Constant, computed, countOf, scalarOf } from '../../constants/constant.ts';
import { lengthOf, shapeOf } from '../../views/view.ts';
import { canRepeat, inOneOrder } from '../aligned.ts';
import { computedInput, type Lowering, type Rule, refused } from '../rule.ts';
import type { Computed, Value } from '../values.ts';

/** Sums and products of values, with repetition of axes of length 1. */
export const arithmetic: Readonly<Record<string, Rule>> = {
  Add: { attributes: [], lower: lowerAdd },
  Sub: { attributes: [], lower: lowerSub },
  Mul: { attributes: [], lower: lowerMul },
  Div: { attributes: [], lower: lowerDiv },
  Neg: { attributes: [], lower: (lowering) => [scaled(lowering, computedInput(lowering, 0), -1)] },
};

function lowerAdd(lowering: Lowering): readonly Value[] {
  return biased(lowering) ?? [joined(lowering, 'add', computedInput(lowering, 0), computedInput(lowering, 1))];
}

function lowerSub(lowering: Lowering): readonly Value[] {
  const [a, b] = lowering.inputs;
  const subtracted =
    b?.kind === 'constant' && !b.origin
      ? lowering.builder.constant(mapped(b, (value) => -value))
      : scaled(lowering, computedInput(lowering, 1), -1);
  return [joined(lowering, 'add', a?.kind === 'computed' ? a : computedInput(lowering, 0), subtracted)];
}

function lowerMul(lowering: Lowering): readonly Value[] {
  const [a, b] = lowering.inputs;
  const factor = [a, b]
    .map((input) => (input?.kind === 'constant' ? scalarOf(input) : undefined))
    .find((value) => value !== undefined);
  const other = a?.kind === 'computed' ? 0 : 1;
  if (factor !== undefined && fitsAlone(lowering, other))
    return [scaled(lowering, computedInput(lowering, other), factor)];
  return silu(lowering) ?? [joined(lowering, 'multiply', computedInput(lowering, 0), computedInput(lowering, 1))];
}

/** Whether a number joined to an input leaves its shape: a number of many axes would add some. */
function fitsAlone({ inputs }: Lowering, index: number): boolean {
  const [value, number] = [inputs[index], inputs[1 - index]];
  return value?.kind === 'computed' && number?.kind === 'constant' && number.shape.length <= value.view.axes.length;
}

function lowerDiv(lowering: Lowering): readonly Value[] {
  const [x, divisor] = lowering.inputs;
  if (x?.kind !== 'computed' || divisor?.kind !== 'constant')
    throw refused(lowering, 'divides by a value that depends on the images, which is not supported');
  const values = divisor.values();
  if (values.some((value) => value === 0)) throw refused(lowering, 'divides by 0');
  const number = scalarOf(divisor);
  if (number !== undefined && fitsAlone(lowering, 0)) return [scaled(lowering, x, 1 / number)];
  const inverse = computed(
    divisor.name,
    'float',
    divisor.shape,
    Float32Array.from(values, (value) => 1 / value),
  );
  return [joined(lowering, 'multiply', x, lowering.builder.constant(inverse))];
}

function scaled({ builder }: Lowering, x: Computed, factor: number): Computed {
  return factor === 1 ? x : builder.add({ kind: 'scale', factor }, [x.node], x.view);
}

function mapped({ name, shape, values }: Constant, f: (value: number) => number): Constant {
  return computed(name, 'float', shape, Float32Array.from(values(), f));
}

function joined(lowering: Lowering, kind: 'add' | 'multiply', a: Computed, b: Computed): Computed {
  if (!canRepeat([a, b]))
    throw refused(lowering, `joins the shapes [${shapeOf(a.view).join(', ')}] and [${shapeOf(b.view).join(', ')}]`);
  const { values, view } = inOneOrder(lowering.builder, [a, b]);
  return lowering.builder.add(
    { kind },
    values.map(({ node }) => node),
    view,
  );
}

/** x sigmoid(x) is one function, where nothing else asks for the sigmoid. */
function silu({ inputs, node, builder, uses }: Lowering): readonly Value[] | null {
  for (const [x, gate, name] of [
    [inputs[0], inputs[1], node.inputs[1]!],
    [inputs[1], inputs[0], node.inputs[0]!],
  ] as const) {
    if (x?.kind !== 'computed' || gate?.kind !== 'computed' || uses(name) !== 1) continue;
    const { layer, inputs: from } = builder.nodes.get(gate.node) ?? {};
    if (layer?.kind !== 'activation' || layer.function.kind !== 'sigmoid' || from?.[0] !== x.node || !alike(x, gate))
      continue;
    return [builder.add({ kind: 'activation', function: { kind: 'silu' } }, [x.node], x.view)];
  }
  return null;
}

function alike(a: Computed, b: Computed): boolean {
  const [x, y] = [a.view.axes, b.view.axes];
  return (
    x.length === y.length &&
    x.every((axis, i) => axis.length === y[i]!.length && axis.every((atom, j) => atom === y[i]![j]))
  );
}

/** What is added to the features of a dense layer alone is its bias. */
function biased(lowering: Lowering): readonly Value[] | null {
  const { inputs, node, builder, uses } = lowering;
  const at = inputs[0]?.kind === 'constant' ? 0 : 1;
  const [bias, x] = [inputs[at], inputs[1 - at]];
  if (bias?.kind !== 'constant' || x?.kind !== 'computed' || uses(node.inputs[1 - at]!) !== 1) return null;
  const { layer, from } = builder.nodes.get(x.node) ?? {};
  const outputs = x.view.axes.at(-1);
  if (
    layer?.kind !== 'dense' ||
    from?.outputs[0] !== node.inputs[1 - at] ||
    layer.bias !== null ||
    !outputs ||
    lengthOf(outputs) !== layer.outputs ||
    outputs !== x.view.groups.at(-1)
  )
    return null;
  if (countOf(bias) !== layer.outputs || bias.shape.at(-1) !== layer.outputs || bias.shape.length > x.view.axes.length)
    return null;
  const flat: Constant = bias.shape.length === 1 ? bias : { ...bias, shape: [layer.outputs], origin: null };
  builder.replace(x.node, { ...layer, bias: builder.parameter(flat, { owner: layer.weight, part: 'bias' }) });
  return [x];
}
