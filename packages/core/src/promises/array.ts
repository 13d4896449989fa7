import type { NdArray } from '../array.ts';
import { type Promised, promise, promiseNumbers, written } from './promise.ts';

/**
 * Promises an array of the port: float32 values, finite, of the axes and shape that were asked for.
 *
 * @param shape null accepts any size
 */
export function promiseArray(
  value: unknown,
  axes: string,
  shape: readonly (number | null)[],
  about: Promised,
  name: string,
): asserts value is NdArray {
  const array = value as Partial<NdArray> | null | undefined; // looked at field by field below
  const isArray = array?.data instanceof Float32Array && Array.isArray(array.shape);
  promise(isArray, about, `"${name}" to be an array with data, shape and axes`, () => written(value));
  const { data, shape: sizes } = array as NdArray; // just seen
  promise(array.axes === axes, about, `"${name}" to have the axes "${axes}"`, () => written(array.axes));
  const fits = sizes.length === shape.length && shape.every((size, i) => size === null || size === sizes[i]);
  const wanted = `[${shape.map((size) => size ?? 'any').join(', ')}]`;
  promise(fits, about, `"${name}" to have the shape ${wanted}`, () => `[${sizes.join(', ')}]`);
  const count = sizes.reduce((product, size) => product * size, 1);
  promiseNumbers(data, count, about, name);
}
