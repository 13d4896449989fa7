import { type NdArray, rowSize } from '@espalier/core';

/** Products of the features of every two images, in float64, row-major `n n`. @param features `[n, …]`, all of an image taken for one row */
export function gramOf({ data, shape, axes }: NdArray): Float64Array {
  const size = rowSize({ data, shape, axes });
  const count = shape[0]!;
  const gram = new Float64Array(count * count);
  for (let i = 0; i < count; i++)
    for (let j = i; j < count; j++) {
      let sum = 0;
      for (let d = 0; d < size; d++) sum += data[i * size + d]! * data[j * size + d]!;
      gram[i * count + j] = gram[j * count + i] = sum;
    }
  return gram;
}

/**
 * The unbiased estimate of the Hilbert-Schmidt independence criterion (Song et al. 2012), with the diagonals of K and L left out:
 *
 *     (sum K L + sum K sum L / ((n - 1) (n - 2)) - 2 / (n - 2) sum_i (K 1)_i (L 1)_i) / (n (n - 3))
 *
 * @param a symmetric, row-major `n n`, of at least four images
 * @param b likewise
 */
export function centredProduct(a: Float64Array, b: Float64Array): number {
  const count = Math.sqrt(a.length);
  let [products, sumA, sumB, ofRows] = [0, 0, 0, 0];
  for (let i = 0; i < count; i++) {
    let [rowA, rowB] = [0, 0];
    for (let at = i * count; at < (i + 1) * count; at++) {
      if (at === i * count + i) continue;
      products += a[at]! * b[at]!;
      rowA += a[at]!;
      rowB += b[at]!;
    }
    ofRows += rowA * rowB;
    sumA += rowA;
    sumB += rowB;
  }
  const all = (sumA * sumB) / ((count - 1) * (count - 2));
  return (products + all - (2 * ofRows) / (count - 2)) / (count * (count - 3));
}
