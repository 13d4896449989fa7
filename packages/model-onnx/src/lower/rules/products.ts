import { type Constant, scalarOf } from '../../constants/constant.ts';
import { floatOf, intOf } from '../../decode/onnx-node.ts';
import { type Axis, axisOf, lengthOf, permuted, sameAtoms, shapeOf, type View } from '../../views/view.ts';
import { withCommonAtoms } from '../aligned.ts';
import {
  computedInput,
  constantInput,
  type Lowering,
  optionalConstant,
  type Rule,
  refused,
  withLast,
} from '../rule.ts';
import type { Computed, Value } from '../values.ts';

/** Products of matrices. */
export const products: Readonly<Record<string, Rule>> = {
  Gemm: { attributes: ['alpha', 'beta', 'transA', 'transB'], lower: lowerGemm },
  MatMul: {
    attributes: [],
    lower: (lowering) => (lowering.inputs[1]?.kind === 'constant' ? lowerDense(lowering) : lowerMatmul(lowering)),
  },
};

function lowerGemm(lowering: Lowering): readonly Value[] {
  const { node, inputs } = lowering;
  const [alpha, beta] = [floatOf(node, 'alpha', 1), floatOf(node, 'beta', 1)];
  if (alpha !== 1 || (beta !== 1 && inputs[2]) || intOf(node, 'transA', 0) !== 0)
    throw refused(
      lowering,
      `has alpha ${alpha}, beta ${beta} and transA ${intOf(node, 'transA', 0)}; only 1, 1 and 0 are supported`,
    );
  const kernel = constantInput(lowering, 1);
  const bias = optionalConstant(lowering, 2);
  return [dense(lowering, intOf(node, 'transB', 0) === 0 ? kernel : transposed(kernel), bias)];
}

function lowerDense(lowering: Lowering): readonly Value[] {
  return [dense(lowering, constantInput(lowering, 1), null)];
}

/** @param kernel `[inputs, outputs]` as the file's product has it, whatever the initialiser's order */
function dense(lowering: Lowering, kernel: Constant, bias: Constant | null): Computed {
  const { builder } = lowering;
  const x = computedInput(lowering, 0);
  const [inputs, outputs] = kernel.shape as readonly [number, number];
  const rank = x.view.axes.length;
  if (kernel.shape.length !== 2 || rank < 2 || lengthOf(x.view.axes[rank - 1]!) !== inputs)
    throw refused(
      lowering,
      `multiplies the shapes [${shapeOf(x.view).join(', ')}] and [${kernel.shape.join(', ')}]; a matrix of constants is expected that fits`,
    );
  const moved = withLast(lowering, x, [rank - 1]);
  // Axes of length 1 go: logits are a list.
  const last = builder.arranged(moved, [
    ...moved.view.groups.slice(0, -1).filter(({ length }) => length > 0),
    moved.view.groups.at(-1)!,
  ]);
  const { origin } = kernel;
  const isTransposed =
    origin !== null &&
    origin.shape.join() === `${outputs},${inputs}` &&
    sameAtoms(origin.view.groups.flat(), origin.view.axes.toReversed().flat());
  // A square kernel, and one with an axis of 1, may look both ways.
  const isPlain =
    origin !== null &&
    origin.shape.join() === kernel.shape.join() &&
    sameAtoms(origin.view.groups.flat(), origin.view.axes.flat());
  const axes = isTransposed && !isPlain ? 'o i' : 'i o';
  const use = { owner: axes, part: 'weight' };
  const weight = isTransposed && !isPlain ? builder.weight(origin, use) : builder.parameter(kernel, use);
  const features = axisOf(outputs);
  const view: View = {
    axes: [...last.view.axes.slice(0, -1), features],
    groups: [...last.view.groups.slice(0, -1), features],
  };
  return builder.add(
    { kind: 'dense', weight, axes, bias: biasName(lowering, bias, weight, outputs), inputs, outputs },
    [last.node],
    view,
  );
}

function biasName(lowering: Lowering, bias: Constant | null, kernel: string, outputs: number): string | null {
  if (!bias) return null;
  const use = { owner: kernel, part: 'bias' };
  if (!bias.origin && bias.values().every((value) => value === 0)) return null;
  if (bias.shape.join() === String(outputs)) return lowering.builder.parameter(bias, use);
  const number = scalarOf(bias);
  if (number !== undefined)
    return lowering.builder.parameter(
      { ...bias, shape: [outputs], origin: null, values: () => new Float32Array(outputs).fill(number) },
      use,
    );
  if (
    bias.shape.at(-1) === outputs &&
    bias.shape.every((length, axis) => length === 1 || axis === bias.shape.length - 1)
  )
    return lowering.builder.parameter({ ...bias, shape: [outputs], origin: null }, use);
  throw refused(lowering, `adds a bias of the shape [${bias.shape.join(', ')}] to ${outputs} outputs`);
}

function transposed(kernel: Constant): Constant {
  const { origin, shape } = kernel;
  if (!origin || shape.length !== 2)
    return { ...kernel, origin: null, shape: shape.toReversed(), values: () => transposedValues(kernel) };
  return {
    ...kernel,
    shape: shape.toReversed(),
    values: () => transposedValues(kernel),
    origin: { ...origin, view: permuted(origin.view, [1, 0]) },
  };
}

function transposedValues({ shape, values }: Constant): Float32Array {
  const [rows, columns] = shape as readonly [number, number];
  const from = values();
  return Float32Array.from(from, (_, i) => from[(i % rows) * columns + Math.floor(i / rows)]!);
}

/** Both factors depend on the images, as in attention. */
function lowerMatmul(lowering: Lowering): readonly Value[] {
  const { builder } = lowering;
  if (lowering.inputs[0]?.kind === 'constant')
    throw refused(lowering, 'multiplies a constant from the left, which is not supported');
  const [a, b] = factors(lowering);
  const rank = a.view.axes.length;
  const [rows, inner, innerB, columns] = [
    a.view.axes[rank - 2]!,
    a.view.axes[rank - 1]!,
    b.view.axes[rank - 2]!,
    b.view.axes[rank - 1]!,
  ];
  const leading = a.view.groups
    .flat()
    .filter((atom) => !rows.includes(atom) && !inner.includes(atom))
    .map((atom): Axis => [atom]);
  // Rows and columns may be the same tokens: those of the product are told apart.
  const results = columns.map(({ size }) => ({ size }));
  const first = builder.arranged(a, [...leading, rows, inner]);
  const order = b.view.groups.flat();
  const columnsFirst =
    columns.length > 0 && innerB.length > 0 && order.indexOf(columns[0]!) < order.indexOf(innerB[0]!);
  const second = builder.arranged(b, [...leading, ...(columnsFirst ? [columns, innerB] : [innerB, columns])]);
  const view: View = { axes: [...a.view.axes.slice(0, -1), results], groups: [...leading, rows, results] };
  return [builder.add({ kind: 'matmul', transposesSecond: columnsFirst }, [first.node, second.node], view)];
}

/** Of as many axes, with the same atoms in all but the last two. */
function factors(lowering: Lowering): readonly [Computed, Computed] {
  const [a, b] = [computedInput(lowering, 0), computedInput(lowering, 1)];
  const [left, right] = [shapeOf(a.view), shapeOf(b.view)];
  const rank = left.length;
  const fits =
    rank === right.length &&
    rank >= 2 &&
    left.slice(0, -2).join() === right.slice(0, -2).join() &&
    left[rank - 1] === right[rank - 2];
  if (!fits)
    throw refused(
      lowering,
      `multiplies the shapes [${left.join(', ')}] and [${right.join(', ')}]; equal leading axes are expected`,
    );
  const [x, y] = withCommonAtoms(lowering.builder, [leadingOf(a), leadingOf(b)]) as readonly [Computed, Computed];
  return [
    { ...x, view: { axes: [...x.view.axes, ...a.view.axes.slice(-2)], groups: x.view.groups } },
    { ...y, view: { axes: [...y.view.axes, ...b.view.axes.slice(-2)], groups: y.view.groups } },
  ];
}

function leadingOf({ view, ...value }: Computed): Computed {
  return { ...value, view: { axes: view.axes.slice(0, -2), groups: view.groups } };
}
