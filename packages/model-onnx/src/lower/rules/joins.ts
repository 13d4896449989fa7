import { integersOf, scalarOf } from '../../constants/constant.ts';
import { intOf } from '../../decode/onnx-node.ts';
import { axisIn, indicesIn, sliceOf, splitOf } from '../../fold/axes.ts';
import { type Axis, axisOf, lengthOf, shapeOf, type View } from '../../views/view.ts';
import { withCommonAtoms } from '../aligned.ts';
import { isolated } from '../network-builder.ts';
import { computedInput, constantInput, type Lowering, type Rule, refused, sequenceInput } from '../rule.ts';
import type { Computed, Value } from '../values.ts';
import { reshapedValue } from './moves.ts';

/** What takes parts of values along an axis, and what joins them. */
export const joins: Readonly<Record<string, Rule>> = {
  Concat: { attributes: ['axis'], lower: lowerConcat },
  Split: { attributes: ['axis', 'split', 'num_outputs'], lower: lowerSplit },
  SplitToSequence: { attributes: ['axis', 'keepdims'], lower: lowerSplitToSequence },
  SequenceAt: { attributes: [], lower: lowerSequenceAt },
  Slice: { attributes: ['axes', 'starts', 'ends'], lower: lowerSlice },
  Gather: { attributes: ['axis'], lower: lowerGather },
};

function lowerConcat(lowering: Lowering): readonly Value[] {
  const { node, builder, inputs } = lowering;
  const given = inputs.map((_, index) => computedInput(lowering, index));
  const rank = given[0]!.view.axes.length;
  const axis = axisIn(lowering, intOf(node, 'axis', 0), rank);
  const shapes = given.map(({ view }) => shapeOf(view));
  if (shapes.some((shape) => shape.length !== rank || shape.with(axis, 0).join() !== shapes[0]!.with(axis, 0).join()))
    throw refused(
      lowering,
      `joins the shapes ${shapes.map((shape) => `[${shape.join(', ')}]`).join(', ')} along axis ${axis}`,
    );
  const parts = withCommonAtoms(
    builder,
    given.map((value) => isolated(builder, value, axis)),
    axis,
  );
  const along = ({ view }: Computed): Axis => view.axes[axis]!;
  const [leader] = [...parts].sort((a, b) => lengthOf(along(b)) - lengthOf(along(a)));
  const whole = axisOf(shapes.reduce((sum, shape) => sum + shape[axis]!, 0));
  const groups = groupsWith(leader!.view, along(leader!));
  const place = groups.findIndex(
    (group) => group === along(leader!) || (group.length > 0 && group[0] === along(leader!)[0]),
  );
  const nodes = parts.map((part) => builder.arranged(part, groups.with(place, along(part))).node);
  const view: View = { axes: leader!.view.axes.with(axis, whole), groups: groups.with(place, whole) };
  return [builder.add({ kind: 'concat', axis: place }, nodes, view)];
}

/** The engine's axes, with one for `along` in front where it has length 1. */
function groupsWith({ groups }: View, along: Axis): readonly Axis[] {
  return along.length > 0 ? groups : [along, ...groups];
}

/** One axis as one of the engine's, and which. */
function alone({ builder }: Lowering, x: Computed, axis: number): { readonly x: Computed; readonly place: number } {
  const apart = isolated(builder, x, axis);
  const along = apart.view.axes[axis]!;
  if (along.length === 0) {
    const groups = [along, ...apart.view.groups];
    return { x: builder.arranged(apart, groups), place: 0 };
  }
  return { x: apart, place: apart.view.groups.findIndex((group) => group[0] === along[0] && group.length === 1) };
}

function part(
  lowering: Lowering,
  x: Computed,
  axis: number,
  { start, end }: { readonly start: number; readonly end: number },
): Computed {
  if (start === 0 && end === lengthOf(x.view.axes[axis]!)) return x;
  const { x: from, place } = alone(lowering, x, axis);
  return lowering.builder.add(
    { kind: 'slice', axis: place, start, end },
    [from.node],
    withAxis(from.view, axis, place, axisOf(end - start)),
  );
}

function picked(lowering: Lowering, x: Computed, axis: number, indices: readonly number[]): Computed {
  const [first] = indices;
  if (indices.length > 0 && indices.every((index, i) => index === first! + i))
    return part(lowering, x, axis, { start: first!, end: first! + indices.length });
  if (indices.length === 0) throw refused(lowering, 'takes no places at all');
  const { x: from, place } = alone(lowering, x, axis);
  return lowering.builder.add(
    { kind: 'gather', axis: place, indices },
    [from.node],
    withAxis(from.view, axis, place, axisOf(indices.length)),
  );
}

function withAxis({ axes, groups }: View, axis: number, place: number, along: Axis): View {
  return { axes: axes.with(axis, along), groups: groups.with(place, along) };
}

function lowerSplit(lowering: Lowering): readonly Value[] {
  const x = computedInput(lowering, 0);
  const { axis, parts } = splitOf(lowering, shapeOf(x.view));
  return parts.map((each) => part(lowering, x, axis, each));
}

/** Parts of equal length where a number is named, or the lengths that are listed. */
function lowerSplitToSequence(lowering: Lowering): readonly Value[] {
  const x = computedInput(lowering, 0);
  const shape = shapeOf(x.view);
  const axis = axisIn(lowering, intOf(lowering.node, 'axis', 0), shape.length);
  const listed = constantInput(lowering, 1);
  const length = listed.shape.length === 0 ? scalarOf(listed) : undefined;
  const lengths =
    length === undefined
      ? integersOf(listed)
      : Array.from({ length: Math.ceil(shape[axis]! / length) }, (_, i) => Math.min(length, shape[axis]! - i * length));
  if (lengths.some((each) => !(each > 0)) || lengths.reduce((sum, each) => sum + each, 0) !== shape[axis])
    throw refused(lowering, `takes parts of ${lengths.join(', ')} of an axis of length ${shape[axis]}`);
  let start = 0;
  const values = lengths.map((each) => {
    start += each;
    return part(lowering, x, axis, { start: start - each, end: start });
  });
  return [{ kind: 'sequence', values }];
}

function lowerSequenceAt(lowering: Lowering): readonly Value[] {
  const { values } = sequenceInput(lowering);
  const [index] = indicesIn(lowering, integersOf(constantInput(lowering, 1)), values.length);
  return [values[index!]!];
}

function lowerSlice(lowering: Lowering): readonly Value[] {
  let x = computedInput(lowering, 0);
  for (const { axis, places } of sliceOf(lowering, shapeOf(x.view))) x = picked(lowering, x, axis, places);
  return [x];
}

function lowerGather(lowering: Lowering): readonly Value[] {
  const x = computedInput(lowering, 0);
  const shape = shapeOf(x.view);
  const indices = constantInput(lowering, 1);
  const axis = axisIn(lowering, intOf(lowering.node, 'axis', 0), shape.length);
  const found = picked(lowering, x, axis, indicesIn(lowering, integersOf(indices), shape[axis]!));
  return [reshapedValue(lowering, found, [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)])];
}
