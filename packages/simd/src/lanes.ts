import {
  type Expression,
  expression,
  type FunctionBody,
  i32,
  type Local,
  memoryArgument,
  unsigned,
} from './assembler.ts';

type Address = Expression<'i32'>;

/**
 * Arithmetic on `count` neighbouring float32 at once. A kernel written over `Lanes` is emitted twice: `four` where the
 * number of channels allows it, `one` for all others. Both round alike, so results do not depend on the choice.
 */
export interface Lanes<
  Float extends 'f32' | 'v128' = 'f32' | 'v128',
  Double extends 'f64' | 'v128' = 'f64' | 'v128',
  Mask extends 'i32' | 'v128' = 'i32' | 'v128',
> {
  readonly count: 4 | 1;
  load(address: Address, offset?: number): Expression<Float>;
  store(body: FunctionBody, address: Address, value: Expression<Float>, offset?: number): void;
  /** The float32 at `address` in every lane. */
  splat(address: Address, offset?: number): Expression<Float>;
  zero(): Expression<Float>;
  /** A number, rounded to float32, in every lane. */
  constant(value: number): Expression<Float>;
  add(a: Expression<Float>, b: Expression<Float>): Expression<Float>;
  subtract(a: Expression<Float>, b: Expression<Float>): Expression<Float>;
  multiply(a: Expression<Float>, b: Expression<Float>): Expression<Float>;
  divide(a: Expression<Float>, b: Expression<Float>): Expression<Float>;
  squareRoot(a: Expression<Float>): Expression<Float>;
  /** The larger one; `a` where either is NaN. */
  largest(a: Expression<Float>, b: Expression<Float>): Expression<Float>;
  /** The smaller one; `a` where either is NaN. */
  smallest(a: Expression<Float>, b: Expression<Float>): Expression<Float>;
  absolute(a: Expression<Float>): Expression<Float>;
  negate(a: Expression<Float>): Expression<Float>;
  /** The nearest whole number, the even one of two. */
  round(a: Expression<Float>): Expression<Float>;
  floor(a: Expression<Float>): Expression<Float>;
  /** 2 to the power of a whole number from -127 (which gives 0) to 127; 1 for NaN. */
  powerOfTwo(exponent: Expression<Float>): Expression<Float>;
  equal(a: Expression<Float>, b: Expression<Float>): Expression<Mask>;
  greater(a: Expression<Float>, b: Expression<Float>): Expression<Mask>;
  nowhere(): Expression<Mask>;
  /** Where `a` holds and `b` does not. */
  without(a: Expression<Mask>, b: Expression<Mask>): Expression<Mask>;
  either(a: Expression<Mask>, b: Expression<Mask>): Expression<Mask>;
  both(a: Expression<Mask>, b: Expression<Mask>): Expression<Mask>;
  /** `a` where `mask` holds, else `b`. */
  choose(mask: Expression<Mask>, a: Expression<Float>, b: Expression<Float>): Expression<Float>;
  /** `value` where `mask` holds, else 0. */
  keep(mask: Expression<Mask>, value: Expression<Float>): Expression<Float>;
  /** `value` in float64: two halves of four lanes, or the one. */
  widen(value: Local<Float>): readonly Expression<Double>[];
  multiplyDoubles(a: Expression<Double>, b: Expression<Double>): Expression<Double>;
  /** Adds to the float64 in memory, which lie there in the order of `widen`. */
  accumulate(body: FunctionBody, address: Address, values: readonly Expression<Double>[]): void;
}

/** Four float32 at a time. */
export const four: Lanes<'v128', 'v128', 'v128'> = {
  count: 4,
  load: (address, offset = 0) => expression('v128', address, simd(0x00), memoryArgument(offset)),
  store: (body, address, value, offset = 0) =>
    body.emit(...address.code, ...value.code, ...simd(0x0b), ...memoryArgument(offset)),
  splat: (address, offset = 0) => expression('v128', address, simd(0x09), memoryArgument(offset)),
  zero: () => zeroVector,
  constant: (value) => spread(one.constant(value)),
  add: (a, b) => expression('v128', a, b, simd(0xe4)),
  subtract: (a, b) => expression('v128', a, b, simd(0xe5)),
  multiply: (a, b) => expression('v128', a, b, simd(0xe6)),
  divide: (a, b) => expression('v128', a, b, simd(0xe7)),
  squareRoot: (a) => expression('v128', a, simd(0xe3)),
  largest: (a, b) => expression('v128', a, b, simd(0xeb)),
  smallest: (a, b) => expression('v128', a, b, simd(0xea)),
  absolute: (a) => expression('v128', a, simd(0xe0)),
  negate: (a) => expression('v128', a, simd(0xe1)),
  round: (a) => expression('v128', a, simd(0x6a)),
  floor: (a) => expression('v128', a, simd(0x68)),
  powerOfTwo: (exponent) => {
    const biased = expression('v128', exponent, simd(0xf8), i32.constant(exponentBias), simd(0x11), simd(0xae));
    return expression('v128', biased, i32.constant(mantissaBits), simd(0xab));
  },
  equal: (a, b) => expression('v128', a, b, simd(0x41)),
  greater: (a, b) => expression('v128', a, b, simd(0x44)),
  nowhere: () => zeroVector,
  without: (a, b) => expression('v128', a, b, simd(0x4f)),
  either: (a, b) => expression('v128', a, b, simd(0x50)),
  both: (a, b) => expression('v128', a, b, simd(0x4e)),
  choose: (mask, a, b) => expression('v128', a, b, mask, simd(0x52)),
  keep: (mask, value) => expression('v128', mask, value, simd(0x4e)),
  widen: (value) => [
    expression('v128', value, simd(0x5f)),
    expression('v128', value, value, simd(0x0d), [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7], simd(0x5f)),
  ],
  multiplyDoubles: (a, b) => expression('v128', a, b, simd(0xf2)),
  accumulate: (body, address, values) =>
    values.forEach((value, half) => {
      const sum = expression('v128', four.load(address, 16 * half), value, simd(0xf0));
      four.store(body, address, sum, 16 * half);
    }),
};

/** One float32 at a time: what is left over of four. */
export const one: Lanes<'f32', 'f64', 'i32'> = {
  count: 1,
  load: (address, offset = 0) => expression('f32', address, [0x2a], memoryArgument(offset)),
  store: (body, address, value, offset = 0) =>
    body.emit(...address.code, ...value.code, 0x38, ...memoryArgument(offset)),
  splat: (address, offset = 0) => one.load(address, offset),
  zero: () => zeroFloat,
  constant: (value) => ({ type: 'f32', code: [0x43, ...new Uint8Array(Float32Array.of(value).buffer)] }),
  add: (a, b) => expression('f32', a, b, [0x92]),
  subtract: (a, b) => expression('f32', a, b, [0x93]),
  multiply: (a, b) => expression('f32', a, b, [0x94]),
  divide: (a, b) => expression('f32', a, b, [0x95]),
  squareRoot: (a) => expression('f32', a, [0x91]),
  largest: (a, b) => expression('f32', b, a, a, b, [0x5d], select),
  smallest: (a, b) => expression('f32', b, a, b, a, [0x5d], select),
  absolute: (a) => expression('f32', a, [0x8b]),
  negate: (a) => expression('f32', a, [0x8c]),
  round: (a) => expression('f32', a, [0x90]),
  floor: (a) => expression('f32', a, [0x8e]),
  powerOfTwo: (exponent) => {
    const biased = expression('i32', exponent, [0xfc, 0], i32.constant(exponentBias), [0x6a]);
    return expression('f32', biased, i32.constant(mantissaBits), [0x74, 0xbe]);
  },
  equal: (a, b) => expression('i32', a, b, [0x5b]),
  greater: (a, b) => expression('i32', a, b, [0x5e]),
  nowhere: () => ({ type: 'i32', code: [0x41, 0] }),
  without: (a, b) => expression('i32', a, b, [0x45, 0x71]),
  either: (a, b) => expression('i32', a, b, [0x72]),
  both: (a, b) => expression('i32', a, b, [0x71]),
  choose: (mask, a, b) => expression('f32', a, b, mask, select),
  keep: (mask, value) => expression('f32', value, zeroFloat, mask, select),
  widen: (value) => [expression('f64', value, [0xbb])],
  multiplyDoubles: (a, b) => expression('f64', a, b, [0xa2]),
  accumulate: (body, address, [value]) => {
    const sum = expression('f64', address, [0x2b], memoryArgument(0), value!, [0xa0]);
    body.emit(...address.code, ...sum.code, 0x39, ...memoryArgument(0));
  },
};

/** Of float32. */
const exponentBias = 127;
const mantissaBits = 23;

/** A float32 in every lane. */
export function spread(value: Expression<'f32'>): Expression<'v128'> {
  return expression('v128', value, simd(0x13));
}

/** One lane of four. */
export function lane(vector: Expression<'v128'>, index: 0 | 1 | 2 | 3): Expression<'f32'> {
  return expression('f32', vector, simd(0x1f), [index]);
}

const select = [0x1b];
const zeroFloat: Expression<'f32'> = { type: 'f32', code: [0x43, 0, 0, 0, 0] };
const zeroVector: Expression<'v128'> = { type: 'v128', code: [...simd(0x0c), ...new Array<number>(16).fill(0)] };

function simd(opcode: number): readonly number[] {
  return [0xfd, ...unsigned(opcode)];
}
