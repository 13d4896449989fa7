import { StudyError } from './errors.ts';

/**
 * A row-major float32 array with named axes.
 *
 * `axes` names each entry of `shape` in order: a batch of images is `NdArray<'n h w c'>`, logits are
 * `NdArray<'n k'>`. Passing channels-first data where channels-last is expected is a compile error.
 * Letters: `n` sample, `h` `w` space, `c` channel, `k` class, `p` patch, `d` feature, `r` concept, `s` step,
 * `o` `i` output and input channels of a kernel.
 */
export interface NdArray<Axes extends string = string> {
  readonly data: Float32Array;
  readonly shape: readonly number[];
  readonly axes: Axes;
}

/**
 * Wraps `data` (not copied) as an array, or makes zeros when `data` is absent.
 *
 * @throws StudyError `core/shape-mismatch` when the counts of axes, shape and values disagree.
 * @param axes a letter for each axis, for example `n h w c`
 * @param shape the length of each axis
 * @param data as many values as the lengths multiply to, row-major
 */
export function ndArray<const Axes extends string>(
  axes: Axes,
  shape: readonly number[],
  data: Float32Array = new Float32Array(sizeOf(shape)),
): NdArray<Axes> {
  const rank = axes === '' ? 0 : axes.split(' ').length;
  if (rank !== shape.length || sizeOf(shape) !== data.length) {
    throw new StudyError(
      'core/shape-mismatch',
      `An array with axes "${axes}" needs ${rank} sizes whose product is its ${data.length} values; ` +
        `found the shape [${shape.join(', ')}]. Pass the shape that the values were written with.`,
    );
  }
  return { data, shape, axes };
}

/** The product of `shape`: how many values an array of that shape holds. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}

/**
 * How many values one entry of the first axis holds.
 * @param array `[n, …]`; the product of all lengths but the first
 */
export function rowSize(array: NdArray): number {
  return sizeOf(array.shape.slice(1));
}

/**
 * A view (no copy) of entries `start` to `end` (exclusive) of the first axis.
 * @param array `[n, …]`
 * @returns `[end - start, …]`
 */
export function rows<Axes extends string>(array: NdArray<Axes>, start: number, end: number): NdArray<Axes> {
  const size = rowSize(array);
  return {
    axes: array.axes,
    shape: [end - start, ...array.shape.slice(1)],
    data: array.data.subarray(start * size, end * size),
  };
}

/**
 * A copy of the entries `indices` of the first axis, in that order.
 * @param array `[n, …]`
 * @param indices in [0, n); an index may come again
 * @returns `[indices, …]`
 */
export function takeRows<Axes extends string>(array: NdArray<Axes>, indices: readonly number[]): NdArray<Axes> {
  const size = rowSize(array);
  const data = new Float32Array(indices.length * size);
  indices.forEach((index, i) => {
    data.set(array.data.subarray(index * size, (index + 1) * size), i * size);
  });
  return { axes: array.axes, shape: [indices.length, ...array.shape.slice(1)], data };
}

/**
 * Joins arrays along their first axis, copying.
 *
 * @throws StudyError `core/shape-mismatch` when there is nothing to join or the other axes differ.
 * @param arrays `[n, …]` each, of any n, alike in all other axes
 * @returns `[sum of n, …]`
 */
export function concatRows<Axes extends string>(arrays: readonly NdArray<Axes>[]): NdArray<Axes> {
  const first = arrays[0];
  if (!first) throw new StudyError('core/shape-mismatch', 'Expected at least one array to join, found none.');
  const rest = first.shape.slice(1);
  const data = new Float32Array(arrays.reduce((length, array) => length + array.data.length, 0));
  let start = 0;
  let count = 0;
  for (const array of arrays) {
    expectShape(array, [null, ...rest], 'joining arrays along their first axis');
    data.set(array.data, start);
    start += array.data.length;
    count += array.shape[0]!;
  }
  return { axes: first.axes, shape: [count, ...rest], data };
}

/**
 * Checks the sizes of `array`; `null` accepts any size.
 *
 * @throws StudyError `core/shape-mismatch`, naming `where` the array is used.
 * @param array of any number of axes
 * @param shape the expected length of each axis
 */
export function expectShape(array: NdArray, shape: readonly (number | null)[], where: string): void {
  const fits =
    array.shape.length === shape.length && shape.every((size, i) => size === null || size === array.shape[i]);
  if (fits) return;
  throw new StudyError(
    'core/shape-mismatch',
    `${where}: expected the shape [${shape.map((size) => size ?? 'any').join(', ')}] (${array.axes}), ` +
      `found [${array.shape.join(', ')}].`,
  );
}

/**
 * Checks that no value is NaN or infinite.
 *
 * @throws StudyError `core/values-not-finite`, naming `where` and the first bad index.
 */
export function expectFinite(values: ArrayLike<number>, where: string): void {
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    throw new StudyError(
      'core/values-not-finite',
      `${where}: expected finite numbers, found ${values[i]} at index ${i} of ${values.length}.`,
    );
  }
}
