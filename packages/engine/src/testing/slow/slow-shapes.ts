import type { ShapeOps } from '../../ops.ts';
import {
  everyNthShape,
  expectReshape,
  expectSlice,
  expectSpread,
  joinedShape,
  paddedShape,
  transposedShape,
} from '../../shapes/layout-shapes.ts';
import { indicesOf, placeOf } from './slow-indices.ts';
import { of, type Results, type SlowTensor } from './slow-tensors.ts';

/** What moves values: for each index of the result, the index it comes from. */
export function shapes(results: Results): ShapeOps {
  return { ...picks(results), ...places(results) };
}

/** A tensor made of the value at each of its indices. */
function from({ make }: Results, shape: readonly number[], value: (index: readonly number[]) => number): SlowTensor {
  return make(shape, Float64Array.from(indicesOf(shape), value));
}

function picks(results: Results): Pick<ShapeOps, 'reshape' | 'transpose' | 'slice' | 'everyNth'> {
  return {
    reshape(x, shape) {
      expectReshape(x.shape, shape);
      return results.make(shape, of(x).slice());
    },
    transpose(x, permutation) {
      const shape = transposedShape(x.shape, permutation);
      return from(
        results,
        shape,
        (index) =>
          of(x)[
            placeOf(
              x.shape,
              index.map((_, axis) => index[permutation.indexOf(axis)]!),
            )
          ]!,
      );
    },
    slice(x, begin, shape) {
      expectSlice(x.shape, begin, shape);
      return from(
        results,
        shape,
        (index) =>
          of(x)[
            placeOf(
              x.shape,
              index.map((i, axis) => i + begin[axis]!),
            )
          ]!,
      );
    },
    everyNth(x, steps) {
      const shape = everyNthShape(x.shape, steps);
      return from(
        results,
        shape,
        (index) =>
          of(x)[
            placeOf(
              x.shape,
              index.map((i, axis) => i * steps[axis]!),
            )
          ]!,
      );
    },
  };
}

function places(results: Results): Pick<ShapeOps, 'concat' | 'pad' | 'spread'> {
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
      return from(results, paddedShape(x.shape, border), (index) => {
        const inner = index.map((i, axis) => i - border[axis]![0]);
        const isInside = inner.every((i, axis) => i >= 0 && i < x.shape[axis]!);
        return isInside ? of(x)[placeOf(x.shape, inner)]! : value;
      });
    },
    spread(x, steps, shape) {
      expectSpread(x.shape, steps, shape);
      return from(results, shape, (index) => {
        const isMet = index.every((i, axis) => i % steps[axis]! === 0);
        return isMet
          ? of(x)[
              placeOf(
                x.shape,
                index.map((i, axis) => i / steps[axis]!),
              )
            ]!
          : 0;
      });
    },
  };
}
