import type { NdArray } from '../array.ts';
import { type Promised, promise, written } from './promise.ts';

/**
 * Promises an array of the port: float32 values, finite, of the axes and shape that were asked for.
 *
 * @param shape null accepts any size
 * @param ids of the entries of the first axis, to say where a number is wrong
 */
export function promiseArray<const Axes extends string>(
  value: unknown,
  axes: Axes,
  shape: readonly (number | null)[],
  about: Promised,
  name: string,
  ids?: readonly string[],
): asserts value is NdArray<Axes> {
  promiseShape(value, axes, shape, about, name);
  const count = value.data.length;
  const odd = firstNotFinite(value.data);
  promise(odd < 0, about, `finite numbers in "${name}"`, () => {
    return `${value.data[odd]} at ${placeOf(odd, count, value.shape[0] ?? 1, ids)}`;
  });
}

/** Promises the axes, the shape and as many float32 values as it says, and looks at none of them. */
export function promiseShape<const Axes extends string>(
  value: unknown,
  axes: Axes,
  shape: readonly (number | null)[],
  about: Promised,
  name: string,
): asserts value is NdArray<Axes> {
  const array = value as Partial<NdArray> | null | undefined; // looked at field by field below
  const isArray = array?.data instanceof Float32Array && Array.isArray(array.shape);
  promise(isArray, about, `"${name}" to be an array with float32 data, shape and axes`, () => arrayText(value));
  const { data, shape: sizes } = array as NdArray; // just seen
  promise(array.axes === axes, about, `"${name}" to have the axes "${axes}"`, () => written(array.axes));
  const fits = sizes.length === shape.length && shape.every((size, i) => size === null || size === sizes[i]);
  const wanted = `[${shape.map((size) => size ?? 'any').join(', ')}]`;
  promise(fits, about, `"${name}" to have the shape ${wanted}`, () => `[${sizes.join(', ')}]`);
  const count = sizes.reduce((product, size) => product * size, 1);
  promise(data.length === count, about, `${count} numbers in "${name}"`, () => String(data.length));
}

/** Promises values of at least `low` and at most `high`; `ids` of the first axis say where a number is wrong. */
export function promiseWithin(
  { data, shape }: NdArray,
  [low, high]: readonly [number, number],
  about: Promised,
  name: string,
  ids?: readonly string[],
): void {
  const outside = firstOutside(data, low, high);
  const range = high === Number.POSITIVE_INFINITY ? `of at least ${low}` : `in [${low}, ${high}]`;
  promise(outside < 0, about, `values ${range} in "${name}"`, () => {
    const at = placeOf(outside, data.length, shape[0] ?? 1, ids);
    return `${data[outside]} at ${at}`;
  });
}

// Plain loops: millions of pixels go through them, and a callback takes five times as long.
function firstNotFinite(data: Float32Array): number {
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return i;
  return -1;
}

function firstOutside(data: Float32Array, low: number, high: number): number {
  for (let i = 0; i < data.length; i++) if (data[i]! < low || data[i]! > high) return i;
  return -1;
}

function placeOf(index: number, count: number, entries: number, ids: readonly string[] | undefined): string {
  const size = count / entries;
  return ids ? `value ${index % size} of ${written(ids[Math.floor(index / size)])}` : `index ${index} of ${count}`;
}

function arrayText(value: unknown): string {
  const data = (value as Partial<NdArray> | null | undefined)?.data; // whatever it is, it is only shown
  return ArrayBuffer.isView(data) ? `data that is a ${data.constructor.name}` : written(value);
}
