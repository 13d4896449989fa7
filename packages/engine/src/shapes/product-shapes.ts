import type { Transposition } from '../ops.ts';
import { isSameShape, mismatch, shown } from './expect-shape.ts';

/** Sizes of a stack of `count` matrix products: `[rows, depth]` by `[depth, columns]`. */
export interface ProductSizes {
  readonly count: number;
  readonly rows: number;
  readonly depth: number;
  readonly columns: number;
  /** Of the result. */
  readonly shape: readonly number[];
}

/** @throws StudyError `core/shape-mismatch` */
export function productSizes(a: readonly number[], b: readonly number[], transpose: Transposition = {}): ProductSizes {
  const leading = a.slice(0, -2);
  const [rows, depth] = sides(a, transpose.a);
  const [height, columns] = sides(b, transpose.b);
  if (a.length < 2 || height !== depth || !isSameShape(leading, b.slice(0, -2)) || a.length !== b.length) {
    const how = `${transpose.a ? ', the first transposed' : ''}${transpose.b ? ', the second transposed' : ''}`;
    throw mismatch(`Matrices of shapes ${shown(a, b)}${how} cannot be multiplied.`);
  }
  const count = leading.reduce((product, length) => product * length, 1);
  return { count, rows, depth, columns, shape: [...leading, rows, columns] };
}

function sides(shape: readonly number[], isTransposed = false): readonly [number, number] {
  const [rows, columns] = shape.slice(-2) as [number, number]; // fewer are refused by the caller
  return isTransposed ? [columns, rows] : [rows, columns];
}
