import { sizeOf } from '@espalier/core';
import type { FloatBuffer, Heap } from './heap.ts';
import { doublesOfRow } from './kernels/row-kernels.ts';
import { sumRows } from './spatial-mean.ts';

/** `[rows, length]`: what is normalised along its last axis. */
export interface RowShape {
  readonly rows: number;
  readonly length: number;
}

export function rowsOf(shape: readonly number[]): RowShape {
  return { rows: sizeOf(shape.slice(0, -1)), length: shape.at(-1)! };
}

export function softmax(heap: Heap, x: FloatBuffer, shape: RowShape): FloatBuffer {
  const y = heap.allocate(x.count);
  heap.kernels.softmax(x.address, y.address, ...runs(shape));
  return y;
}

export function softmaxGradient(heap: Heap, dy: FloatBuffer, y: FloatBuffer, shape: RowShape): FloatBuffer {
  const dx = heap.allocate(y.count);
  heap.kernels.softmaxGradient(dy.address, y.address, dx.address, ...runs(shape));
  return dx;
}

/** y = (x - mean) / sqrt(variance + epsilon) scale + shift, by each row's statistics, which are summed in float64. */
export function layerNorm(
  heap: Heap,
  x: FloatBuffer,
  shape: RowShape,
  { scale, shift, epsilon }: { readonly scale: FloatBuffer; readonly shift: FloatBuffer; readonly epsilon: number },
): FloatBuffer {
  using mean = rowMeans(heap, x, shape);
  using inverse = inverseDeviations(heap, x, shape, mean, epsilon);
  const y = heap.allocate(x.count);
  const addresses = [x, mean, inverse, scale, shift, y].map(({ address }) => address);
  heap.kernels.normaliseRows(...addresses, ...runs(shape));
  return y;
}

/**
 * With g = dy scale and u = (x - mean) / deviation: dx = (g - mean(g) - u mean(g u)) / deviation, row by row; dScale is the sum of
 * dy u over the rows, and dShift that of dy.
 */
export function layerNormGradient(
  heap: Heap,
  { dy, x, scale }: Readonly<Record<'dy' | 'x' | 'scale', FloatBuffer>>,
  shape: RowShape,
  epsilon: number,
): Readonly<Record<'dx' | 'dScale' | 'dShift', FloatBuffer>> {
  const { rows, length } = shape;
  const { kernels } = heap;
  using mean = rowMeans(heap, x, shape);
  using inverse = inverseDeviations(heap, x, shape, mean, epsilon);
  using sums = heap.doubles(rows * doublesOfRow);
  using products = heap.doubles(rows * doublesOfRow);
  kernels.rowMoments(...[dy, x, scale, mean, sums, products].map(({ address }) => address), ...runs(shape));
  const inverses = inverse.values.slice();
  const [totals, alongs] = [rowTotals(sums), rowTotals(products)];
  using slope = heap.from(alongs.map((along, row) => (-along * inverses[row]! ** 3) / length));
  using offset = heap.from(totals.map((total, row) => (-total * inverses[row]!) / length));
  const dx = heap.allocate(x.count);
  const operands = [dy, x, scale, mean, inverse, slope, offset, dx].map(({ address }) => address);
  kernels.normaliseRowsGradient(...operands, ...runs(shape));
  using units = heap.allocate(x.count);
  kernels.rowUnits(...[dy, x, mean, inverse, units].map(({ address }) => address), ...runs(shape));
  const all = { rows, channels: length };
  return { dx, dScale: sumRows(heap, units, 1, all, 1), dShift: sumRows(heap, dy, 1, all, 1) };
}

function rowMeans(heap: Heap, x: FloatBuffer, shape: RowShape): FloatBuffer {
  using sums = heap.doubles(shape.rows * doublesOfRow);
  heap.kernels.rowSums(x.address, sums.address, ...runs(shape));
  return heap.from(rowTotals(sums).map((sum) => sum / shape.length));
}

/** 1 / sqrt(variance + epsilon) */
function inverseDeviations(
  heap: Heap,
  x: FloatBuffer,
  shape: RowShape,
  mean: FloatBuffer,
  epsilon: number,
): FloatBuffer {
  using sums = heap.doubles(shape.rows * doublesOfRow);
  heap.kernels.rowSquares(x.address, mean.address, sums.address, ...runs(shape));
  return heap.from(rowTotals(sums).map((sum) => 1 / Math.sqrt(sum / shape.length + epsilon)));
}

/** Each row's parts of a sum added up. */
function rowTotals({ doubles }: FloatBuffer): Float64Array {
  return Float64Array.from({ length: doubles.length / doublesOfRow }, (_, row) =>
    doubles.subarray(row * doublesOfRow, (row + 1) * doublesOfRow).reduce((sum, part) => sum + part, 0),
  );
}

/** How the row kernels divide a row, after the number of rows. */
function runs({ rows, length }: RowShape): readonly [rows: number, vectors: number, rest: number] {
  return [rows, Math.floor(length / 4), length % 4];
}
