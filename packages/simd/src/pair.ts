import { type Expression, expression, type FunctionBody, memoryArgument } from './assembler.ts';
import { four } from './lanes.ts';

type Vector = Expression<'v128'>;
type Address = Expression<'i32'>;

/** Arithmetic on two neighbouring float64 at once. */
export const pair = {
  zero: four.zero,
  load: four.load,
  add: (a: Vector, b: Vector) => expression('v128', a, b, [0xfd, 0xf0, 0x01]),
  subtract: (a: Vector, b: Vector) => expression('v128', a, b, [0xfd, 0xf1, 0x01]),
  multiply: (a: Vector, b: Vector) => expression('v128', a, b, [0xfd, 0xf2, 0x01]),
  /** The float32 at `address` in both lanes. */
  splat: (address: Address, offset: number) => expression('v128', four.splat(address, offset), [0xfd, 0x5f]),
  /** Four float32 lanes from two pairs. */
  narrow: ([low, high]: readonly [Vector, Vector]) =>
    expression(
      'v128',
      narrowed(low),
      narrowed(high),
      [0xfd, 0x0d, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23],
    ),
  /** Stores the sum of both lanes. */
  storeSum: (body: FunctionBody, address: Address, value: Vector, offset = 0) => {
    const sum = expression('f64', lane(value, 0), lane(value, 1), [0xa0]);
    body.emit(...address.code, ...sum.code, 0x39, ...memoryArgument(offset));
  },
};

function lane(value: Vector, index: 0 | 1): Expression<'f64'> {
  return expression('f64', value, [0xfd, 0x21, index]);
}

function narrowed(both: Vector): Vector {
  return expression('v128', both, [0xfd, 0x5e]);
}
