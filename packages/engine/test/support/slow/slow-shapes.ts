import type { ShapeOps, Tensor } from '../../../src/ops.ts';
import {
  everyNthShape,
  expectReshape,
  expectSlice,
  expectSpread,
  joinedShape,
  paddedShape,
  transposedShape,
} from '../../../src/shapes/layout-shapes.ts';
import { indicesOf, placeOf } from './slow-indices.ts';
import { of, type Results, type SlowTensor } from './slow-tensors.ts';

/** What moves values: for each index of the result, the index it comes from. */
export function shapes(results: Results): ShapeOps {
  return { ...picks(results), ...joins(results) };
}

/** A tensor made of the value at each of its indices. */
function from({ make }: Results, shape: readonly number[], value: (index: readonly number[]) => number): SlowTensor {
  return make(shape, Float64Array.from(indicesOf(shape), value));
}

/** The value of `x` at the index that `source` gives for each axis, or `otherwise` where that is no whole number or outside. */
function valueAt(
  x: Tensor,
  index: readonly number[],
  source: (i: number, axis: number) => number,
  otherwise = 0,
): number {
  const inner = index.map(source);
  const isThere = inner.every((i, axis) => Number.isInteger(i) && i >= 0 && i < x.shape[axis]!);
  return isThere ? of(x)[placeOf(x.shape, inner)]! : otherwise;
}

function picks(results: Results): Pick<ShapeOps, 'reshape' | 'transpose' | 'slice' | 'everyNth'> {
  return {
    reshape(x, shape) {
      expectReshape(x.shape, shape);
      return results.make(shape, of(x).slice());
    },
    transpose(x, permutation) {
      const shape = transposedShape(x.shape, permutation);
      return from(results, shape, (index) => valueAt(x, index, (_, axis) => index[permutation.indexOf(axis)]!));
    },
    slice(x, begin, shape) {
      expectSlice(x.shape, begin, shape);
      return from(results, shape, (index) => valueAt(x, index, (i, axis) => i + begin[axis]!));
    },
    everyNth(x, steps) {
      const shape = everyNthShape(x.shape, steps);
      return from(results, shape, (index) => valueAt(x, index, (i, axis) => i * steps[axis]!));
    },
  };
}

function joins(results: Results): Pick<ShapeOps, 'concat' | 'pad' | 'spread'> {
  return {
    concat(parts, axis) {
      const shape = joinedShape(
        parts.map((part) => part.shape),
        axis,
      );
      return from(results, shape, (index) => {
        let at = index[axis]!;
        let part = 0;
        while (at >= parts[part]!.shape[axis]!) at -= parts[part++]!.shape[axis]!;
        return of(parts[part]!)[placeOf(parts[part]!.shape, index.with(axis, at))]!;
      });
    },
    pad(x, border, value = 0) {
      const shape = paddedShape(x.shape, border);
      return from(results, shape, (index) => valueAt(x, index, (i, axis) => i - border[axis]![0], value));
    },
    spread(x, steps, shape) {
      expectSpread(x.shape, steps, shape);
      return from(results, shape, (index) => valueAt(x, index, (i, axis) => i / steps[axis]!));
    },
  };
}
