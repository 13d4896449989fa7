import { sizeOf } from '@espalier/core';
import { type Constant, computed, integersOf, type Values } from '../constants/constant.ts';
import { pickedValues } from '../constants/permuted-values.ts';
import { unsupported } from '../decode/model-error.ts';
import { intOf } from '../decode/onnx-node.ts';
import { axisIn, indicesIn, sliceOf, splitOf } from './axes.ts';
import { type Fold, type Folding, needed } from './folding.ts';

/** Operators that take parts of constants, or join them. */
export const picking: Readonly<Record<string, Fold>> = {
  Gather(folding) {
    const [x, indices] = [needed(folding, 0), needed(folding, 1)];
    const axis = axisIn(folding, intOf(folding.node, 'axis', 0), x.shape.length);
    const places = indicesIn(folding, integersOf(indices), x.shape[axis]!);
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    return [taken(folding, x, axis, places, shape)];
  },
  Slice(folding) {
    let x = needed(folding, 0);
    for (const { axis, places } of sliceOf(folding, x.shape))
      x = taken(folding, x, axis, places, x.shape.with(axis, places.length));
    return [x];
  },
  Split(folding) {
    const x = needed(folding, 0);
    const { axis, parts } = splitOf(folding, x.shape);
    return parts.map(({ start, end }, i) => {
      const places = Array.from({ length: end - start }, (_, at) => start + at);
      return { ...taken(folding, x, axis, places, x.shape.with(axis, places.length)), name: folding.node.outputs[i]! };
    });
  },
  Concat(folding) {
    const { node, place, budget, inputs } = folding;
    const parts = inputs.filter((part) => part !== null);
    const axis = axisIn(folding, intOf(node, 'axis', 0), parts[0]!.shape.length);
    const fits = parts.every(({ shape }) => shape.with(axis, 0).join() === parts[0]!.shape.with(axis, 0).join());
    if (!fits)
      throw unsupported(
        place.name,
        `the node "${node.name}" (Concat) joins constants whose shapes differ beside axis ${axis}.`,
      );
    const shape = parts[0]!.shape.with(
      axis,
      parts.reduce((sum, part) => sum + part.shape[axis]!, 0),
    );
    budget.take(shape);
    return [computed(node.outputs[0]!, parts[0]!.type, shape, joined(parts, axis, shape))];
  },
};

function joined(parts: readonly Constant[], axis: number, shape: readonly number[]): Values {
  const values = parts[0]!.type === 'float' ? new Float32Array(sizeOf(shape)) : new Float64Array(sizeOf(shape));
  let target = 0;
  for (let row = 0; row < sizeOf(shape.slice(0, axis)); row++) {
    for (const part of parts) {
      const length = sizeOf(part.shape.slice(axis));
      values.set(part.values().subarray(row * length, (row + 1) * length), target);
      target += length;
    }
  }
  return values;
}

/** Some places of one axis, as an array of `shape`. */
function taken(
  { node, budget }: Folding,
  x: Constant,
  axis: number,
  places: readonly number[],
  shape: readonly number[],
): Constant {
  budget.take(shape);
  const [before, after] = [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis + 1))];
  const values = x.values();
  const result = x.type === 'float' ? new Float32Array(sizeOf(shape)) : new Float64Array(sizeOf(shape));
  places.forEach((from, i) => {
    const part = pickedValues(values, [before, after], [x.shape[axis]! * after, 1], from * after);
    for (let row = 0; row < before; row++)
      result.set(part.subarray(row * after, (row + 1) * after), (row * places.length + i) * after);
  });
  return computed(node.outputs[0]!, x.type, shape, result);
}
