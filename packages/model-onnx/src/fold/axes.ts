import { sizeOf } from '@espalier/core';
import { type Constant, integersOf } from '../constants/constant.ts';
import { unsupported } from '../decode/model-error.ts';
import { intOf, intsOf, type OnnxNode } from '../decode/onnx-node.ts';

/** A node that says something of axes: as attributes, or, in later versions, as constant inputs. */
export interface AxesNode {
  readonly node: OnnxNode;
  readonly inputs: readonly ({ readonly kind: string } | null)[];
  readonly opset: number;
  readonly place: { readonly name: string };
}

/** @throws StudyError `model-onnx/unsupported` for an axis that is not there */
export function axisIn({ node, place }: AxesNode, axis: number, rank: number): number {
  if (Number.isInteger(axis) && axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
  throw unsupported(
    place.name,
    `the node "${node.name}" (${node.operator}) names axis ${axis} of a value with ${rank} axes.`,
  );
}

export function indicesIn({ node, place }: AxesNode, indices: readonly number[], length: number): readonly number[] {
  return indices.map((index) => {
    if (index >= -length && index < length) return index < 0 ? index + length : index;
    throw unsupported(
      place.name,
      `the node "${node.name}" (${node.operator}) names place ${index} of an axis of length ${length}.`,
    );
  });
}

/** Whole numbers that are an attribute in some versions and a constant input in others; undefined where they are left out. */
export function listOf(asked: AxesNode, attribute: string, input: number): readonly number[] | undefined {
  const given = intsOf(asked.node, attribute);
  const found = asked.inputs[input];
  if (given || !found) return given;
  if (found.kind === 'constant') return integersOf(found as Constant); // the kind says so
  const { node, place } = asked;
  throw unsupported(
    place.name,
    `the node "${node.name}" (${node.operator}) computes its ${attribute} from the images; only constants are supported there.`,
  );
}

/** Axes, ascending; all those of `rank` where none are named. */
export function axesOf(asked: AxesNode, input: number, rank: number): readonly number[] {
  const named = listOf(asked, 'axes', input);
  if (!named) return Array.from({ length: rank }, (_, axis) => axis);
  return named.map((axis) => axisIn(asked, axis, rank)).sort((a, b) => a - b);
}

/** What `Reshape` makes of a shape: 0 keeps a length, -1 takes what is left. */
export function reshapedShape(asked: AxesNode, shape: readonly number[]): readonly number[] {
  const { node, place } = asked;
  const wanted = listOf(asked, 'shape', 1) ?? [];
  const copied = wanted.map((length, axis) =>
    length === 0 && intOf(node, 'allowzero', 0) === 0 ? (shape[axis] ?? Number.NaN) : length,
  );
  const known = copied.filter((length) => length !== -1).reduce((product, length) => product * length, 1);
  const result = copied.map((length) => (length === -1 ? sizeOf(shape) / known : length));
  const fits =
    result.every((length) => Number.isInteger(length) && length >= 0) &&
    sizeOf(result) === sizeOf(shape) &&
    copied.filter((length) => length === -1).length <= 1;
  if (fits) return result;
  throw unsupported(
    place.name,
    `the node "${node.name}" (Reshape) makes [${wanted.join(', ')}] of [${shape.join(', ')}], which has ${sizeOf(shape)} values. One image is assumed, of the size that the options say.`,
  );
}

/** Along which axes a `Slice` takes which places. */
export function sliceOf(
  asked: AxesNode,
  shape: readonly number[],
): readonly { readonly axis: number; readonly places: readonly number[] }[] {
  const { node, place } = asked;
  const [starts, ends] = [listOf(asked, 'starts', 1) ?? [], listOf(asked, 'ends', 2) ?? []];
  const axes = listOf(asked, 'axes', 3) ?? starts.map((_, axis) => axis);
  const steps = listOf(asked, 'steps', 4) ?? starts.map(() => 1);
  if (
    ends.length !== starts.length ||
    axes.length !== starts.length ||
    steps.length !== starts.length ||
    steps.includes(0)
  )
    throw unsupported(
      place.name,
      `the node "${node.name}" (Slice) names ${starts.length} starts, ${ends.length} ends, ${axes.length} axes and the steps ${steps.join(', ')}.`,
    );
  return axes.map((named, i) => {
    const axis = axisIn(asked, named, shape.length);
    return { axis, places: placesOf(starts[i]!, ends[i]!, steps[i]!, shape[axis]!) };
  });
}

function placesOf(start: number, end: number, step: number, length: number): readonly number[] {
  const [least, most] = step > 0 ? [0, length] : [-1, length - 1];
  const within = (place: number) => Math.min(Math.max(place < 0 ? place + length : place, least), most);
  const [first, last] = [within(start), within(end)];
  const count = Math.max(0, Math.ceil((last - first) / step));
  return Array.from({ length: count }, (_, i) => first + i * step);
}

/** The parts of a `Split`, or of a `SplitToSequence`. */
export function splitOf(
  asked: AxesNode,
  shape: readonly number[],
): { readonly axis: number; readonly parts: readonly { readonly start: number; readonly end: number }[] } {
  const { node, place } = asked;
  const axis = axisIn(asked, intOf(node, 'axis', 0), shape.length);
  const lengths = listOf(asked, 'split', 1) ?? evenly(shape[axis]!, intOf(node, 'num_outputs', node.outputs.length));
  if (lengths.reduce((sum, length) => sum + length, 0) !== shape[axis] || lengths.some((length) => length <= 0))
    throw unsupported(
      place.name,
      `the node "${node.name}" (${node.operator}) takes parts of ${lengths.join(', ')} of an axis of length ${shape[axis]}.`,
    );
  const ends = lengths.map((_, i) => lengths.slice(0, i + 1).reduce((sum, length) => sum + length, 0));
  return { axis, parts: ends.map((end, i) => ({ start: end - lengths[i]!, end })) };
}

/** The last part is the shorter one. */
function evenly(length: number, count: number): readonly number[] {
  const each = Math.ceil(length / count);
  return Array.from({ length: count }, (_, i) => Math.min(each, length - i * each));
}
