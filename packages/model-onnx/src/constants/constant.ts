import { sizeOf } from '@espalier/core';
import type { View } from '../views/view.ts';

export type Values = Float32Array | Float64Array;

/** What the file calls a type, as far as it matters here. */
export type ConstantType = 'float' | 'integer' | 'boolean';

/** A value that is the same for all images: an initialiser, or what is computed of them. */
export interface Constant {
  readonly kind: 'constant';
  /** The value's name in the file. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: ConstantType;
  /** Row-major; read, or computed, when asked for. Not to be written into. */
  readonly values: () => Values;
  /** The initialiser that it only is another view of; null where it is computed. */
  readonly origin: Origin | null;
}

export interface Origin {
  readonly name: string;
  readonly shape: readonly number[];
  /** The initialiser's own, row-major. */
  readonly values: () => Values;
  /** The constant's axes in the initialiser's. */
  readonly view: View;
}

/** A constant that was computed. Booleans are 0 and 1. */
export function computed(name: string, type: ConstantType, shape: readonly number[], values: Values): Constant {
  return { kind: 'constant', name, shape, type, values: () => values, origin: null };
}

/** What `read` gives, read once. */
export function once<Value>(read: () => Value): () => Value {
  let found: { readonly value: Value } | undefined;
  return () => {
    found ??= { value: read() };
    return found.value;
  };
}

/** Whole numbers, such as a shape or axes. */
export function integersOf({ values }: Constant): readonly number[] {
  return Array.from(values());
}

export function countOf({ shape }: Pick<Constant, 'shape'>): number {
  return sizeOf(shape);
}

/** The only value; undefined where there are several. */
export function scalarOf(constant: Constant): number | undefined {
  return countOf(constant) === 1 ? constant.values()[0] : undefined;
}
