import { type Constant, computed, once } from '../../constants/constant.ts';
import { permutedValues } from '../../constants/permuted-values.ts';
import { typeOf } from '../../constants/tensor.ts';
import { intOf, intsOf } from '../../decode/onnx-node.ts';
import { axesOf, axisIn, listOf, reshapedShape } from '../../fold/axes.ts';
import { type Atom, type Axis, lengthOf, permuted, reshaped, withAtoms } from '../../views/view.ts';
import { type Lowering, type Rule, refused } from '../rule.ts';
import { type Computed, shapeOfValue, type Value } from '../values.ts';

/** What gives the same values in another shape or order, of constants and of what is computed: it costs nothing here. */
export const moves: Readonly<Record<string, Rule>> = {
  Identity: { attributes: [], lower: lowerIdentity },
  Dropout: { attributes: ['ratio', 'seed', 'is_test'], lower: lowerDropout },
  Cast: { attributes: ['to', 'saturate', 'round_mode'], lower: lowerCast },
  CastLike: { attributes: ['saturate', 'round_mode'], lower: lowerCastLike },
  Expand: { attributes: [], lower: lowerExpand },
  Reshape: {
    attributes: ['allowzero'],
    lower: (lowering) => inShape(lowering, (shape) => reshapedShape(lowering, shape)),
  },
  Flatten: { attributes: ['axis'], lower: lowerFlatten },
  Squeeze: { attributes: ['axes'], lower: lowerSqueeze },
  Unsqueeze: { attributes: ['axes'], lower: lowerUnsqueeze },
  Transpose: { attributes: ['perm'], lower: lowerTranspose },
};

type Movable = Constant | Computed;

/** The value that is moved. */
function movedInput(lowering: Lowering): Movable {
  const [found] = lowering.inputs;
  if (found?.kind === 'constant' || found?.kind === 'computed') return found;
  throw refused(lowering, 'takes a sequence, which is not supported');
}

/** Exporters that share equal tensors copy them: the copy is a parameter of its own, where it is not the only use. */
function lowerIdentity(lowering: Lowering): readonly Value[] {
  const { node, uses } = lowering;
  const x = movedInput(lowering);
  if (x.kind === 'computed') return [x];
  const name = node.outputs[0]!;
  const isCopy = node.operator === 'Identity' && uses(node.inputs[0]!) > 1 && x.origin?.name === node.inputs[0];
  return [{ ...x, name, origin: isCopy ? { ...x.origin!, name } : x.origin }];
}

function lowerDropout(lowering: Lowering): readonly Value[] {
  const [, , training] = lowering.inputs;
  const isTraining = training && (training.kind !== 'constant' || training.values()[0] !== 0);
  if (isTraining || lowering.node.outputs.slice(1).some((output) => lowering.uses(output) > 0))
    throw refused(lowering, 'is in training mode; export the network in evaluation mode: model.eval()');
  return [movedInput(lowering)];
}

function lowerCast(lowering: Lowering): readonly Value[] {
  const x = movedInput(lowering);
  if (typeOf(intOf(lowering.node, 'to', 0)) === 'float')
    return [x.kind === 'constant' ? { ...x, name: lowering.node.outputs[0]! } : x];
  throw refused(lowering, 'makes whole numbers or truth values of what depends on the images, which is not supported');
}

function lowerCastLike(lowering: Lowering): readonly Value[] {
  const x = movedInput(lowering);
  const like = lowering.inputs[1];
  const type = like?.kind === 'constant' ? like.type : 'float';
  const name = lowering.node.outputs[0]!;
  if (x.kind === 'computed' && type === 'float') return [x];
  if (x.kind === 'computed')
    throw refused(
      lowering,
      'makes whole numbers or truth values of what depends on the images, which is not supported',
    );
  if (x.type === type) return [{ ...x, name }];
  const whole = (value: number) => (type === 'boolean' ? Number(value !== 0) : Math.trunc(value));
  const values = type === 'float' ? Float32Array.from(x.values()) : Float64Array.from(x.values(), whole);
  return [computed(name, type, x.shape, values)];
}

function lowerExpand(lowering: Lowering): readonly Value[] {
  const x = movedInput(lowering);
  const shape = shapeOfValue(x);
  const wanted = listOf(lowering, 'shape', 1) ?? [];
  const result = Array.from(
    { length: Math.max(shape.length, wanted.length) },
    (_, i) => [shape.at(-1 - i) ?? 1, wanted.at(-1 - i) ?? 1] as const,
  );
  if (result.some(([found, asked]) => asked !== 1 && asked !== found))
    throw refused(
      lowering,
      `repeats the shape [${shape.join(', ')}] to [${wanted.join(', ')}], which is supported for constants only`,
    );
  return inShape(lowering, () => [...Array.from({ length: result.length - shape.length }, () => 1), ...shape]);
}

function lowerFlatten(lowering: Lowering): readonly Value[] {
  return inShape(lowering, (shape) => {
    const named = intOf(lowering.node, 'axis', 1);
    const axis = named === shape.length ? named : axisIn(lowering, named, shape.length);
    const product = (lengths: readonly number[]) => lengths.reduce((sum, length) => sum * length, 1);
    return [product(shape.slice(0, axis)), product(shape.slice(axis))];
  });
}

function lowerSqueeze(lowering: Lowering): readonly Value[] {
  return inShape(lowering, (shape) => {
    const axes = axesOf(lowering, 1, shape.length);
    const isNamed = listOf(lowering, 'axes', 1) !== undefined;
    if (isNamed && axes.some((axis) => shape[axis] !== 1))
      throw refused(lowering, `leaves out axes ${axes.join(', ')} of [${shape.join(', ')}], which are longer than 1`);
    return shape.filter((length, axis) => !(axes.includes(axis) && length === 1));
  });
}

function lowerUnsqueeze(lowering: Lowering): readonly Value[] {
  return inShape(lowering, (shape) => {
    const named = listOf(lowering, 'axes', 1) ?? [];
    const rank = shape.length + named.length;
    const axes = new Set(named.map((axis) => axisIn(lowering, axis, rank)));
    const left = [...shape];
    return Array.from({ length: rank }, (_, axis) => (axes.has(axis) ? 1 : left.shift()!));
  });
}

function lowerTranspose(lowering: Lowering): readonly Value[] {
  const x = movedInput(lowering);
  const rank = shapeOfValue(x).length;
  const permutation = intsOf(lowering.node, 'perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  if (permutation.toSorted((a, b) => a - b).join() !== Array.from({ length: rank }, (_, axis) => axis).join())
    throw refused(lowering, `puts ${rank} axes in the order ${permutation.join(', ')}`);
  if (x.kind === 'computed') return [{ ...x, view: permuted(x.view, permutation) }];
  const { values, shape, origin } = x;
  const moved = permutation.map((axis) => shape[axis]!);
  return [
    {
      ...x,
      name: lowering.node.outputs[0]!,
      shape: moved,
      values: once(() => permutedValues(values(), shape, permutation)),
      origin: origin && { ...origin, view: permuted(origin.view, permutation) },
    },
  ];
}

/** The value in the shape that `shapeFor` makes of its own. */
function inShape(lowering: Lowering, shapeFor: (shape: readonly number[]) => readonly number[]): readonly Value[] {
  const x = movedInput(lowering);
  const shape = shapeFor(shapeOfValue(x));
  if (x.kind === 'computed') return [reshapedValue(lowering, x, shape)];
  const view = x.origin && reshaped(x.origin.view, shape);
  return [{ ...x, name: lowering.node.outputs[0]!, shape, origin: view ? { ...x.origin!, view } : null }];
}

/** Where an axis would mix what lies apart in memory, the values are first put in the file's order. */
export function reshapedValue({ builder }: Pick<Lowering, 'builder'>, x: Computed, shape: readonly number[]): Computed {
  const view = reshaped(x.view, shape);
  if (view) return { ...x, view };
  const atoms = x.view.axes.flat();
  const flat = builder.arranged(x, [atoms]);
  const one: Atom = { size: lengthOf(atoms) };
  const parts = new Map<Atom, Axis>(atoms.map((atom, i) => [atom, i === 0 ? [one] : []]));
  return { ...flat, view: reshaped(withAtoms(flat.view, parts), shape)! }; // one atom can be taken apart in any way
}
