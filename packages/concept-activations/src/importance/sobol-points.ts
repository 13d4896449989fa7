import { type RandomStream, randomStream } from '@espalier/core';
import { joeKuo } from './joe-kuo.ts';

/** Dimensions that the embedded direction numbers serve. */
export const sobolDimensions = joeKuo.length + 1;

const bits = 32;

/**
 * The first `count` points of the Sobol sequence in `dimensions` dimensions as integers in [0, 2^32), row-major.
 *
 * In natural order, starting at the origin; point i is i's bits combined with the direction numbers.
 *
 * @param dimensions at most {@link sobolDimensions}
 */
export function sobolPoints(count: number, dimensions: number): Uint32Array {
  return digitalNet(
    count,
    Array.from({ length: dimensions }, (_, dimension) => directionNumbers(dimension)),
    new Uint32Array(dimensions),
  );
}

/**
 * `count` points of a scrambled Sobol sequence in [0, 1): a random linear map of the digits of each dimension and a
 * random shift (Matoušek 1998), which keeps the net's balance and makes every point uniform.
 *
 * @param count a power of two: only then is each dimension hit evenly
 * @returns row-major, `count` x `dimensions`
 */
export function scrambledSobol(count: number, dimensions: number, seed: number, replicate: number): Float64Array {
  const directions: Uint32Array[] = [];
  const shifts = new Uint32Array(dimensions);
  for (let dimension = 0; dimension < dimensions; dimension++) {
    const stream = randomStream(seed, 'scrambled-sobol', replicate, dimension);
    directions.push(scrambled(directionNumbers(dimension), stream));
    shifts[dimension] = stream.uint32();
  }
  // The middle of the cell of 2^-32 that a point stands for: never 0.
  return Float64Array.from(digitalNet(count, directions, shifts), (digits) => (digits + 0.5) / 2 ** bits);
}

function digitalNet(count: number, directions: readonly Uint32Array[], shifts: Uint32Array): Uint32Array {
  const dimensions = directions.length;
  const points = new Uint32Array(count * dimensions);
  for (let i = 0; i < count; i++) {
    for (let dimension = 0; dimension < dimensions; dimension++) {
      let digits = shifts[dimension]!;
      for (let bit = 0, rest = i; rest > 0; bit++, rest >>>= 1) if (rest & 1) digits ^= directions[dimension]![bit]!;
      points[i * dimensions + dimension] = digits;
    }
  }
  return points;
}

/** v_1 ... v_32 of one dimension, the first binary digit in the highest bit. */
function directionNumbers(dimension: number): Uint32Array {
  if (dimension === 0) return Uint32Array.from({ length: bits }, (_, j) => 2 ** (bits - 1 - j));
  const [polynomial, ...initial] = joeKuo[dimension - 1]!;
  const degree = initial.length;
  const m = [...initial];
  for (let j = degree; j < bits; j++) {
    let value = m[j - degree]! ^ (m[j - degree]! << degree);
    for (let k = 1; k < degree; k++) if ((polynomial >> (degree - k)) & 1) value ^= m[j - k]! << k;
    m.push(value >>> 0);
  }
  return Uint32Array.from(m, (value, j) => value << (bits - 1 - j));
}

/** The direction numbers mapped by a random lower-triangular matrix with ones on its diagonal. */
function scrambled(directions: Uint32Array, stream: RandomStream): Uint32Array {
  // Row d of the matrix says which digits make the new digit d: those before it at random, and itself.
  const rows = Uint32Array.from({ length: bits }, (_, digit) => {
    const itself = 2 ** (bits - 1 - digit);
    const before = digit === 0 ? 0 : 0xffffffff << (bits - digit);
    return (stream.uint32() & before) | itself;
  });
  return directions.map((number) => {
    let mapped = 0;
    for (let digit = 0; digit < bits; digit++) mapped |= parity(rows[digit]! & number) << (bits - 1 - digit);
    return mapped;
  });
}

function parity(value: number): number {
  let folded = value ^ (value >>> 16);
  folded ^= folded >>> 8;
  folded ^= folded >>> 4;
  folded ^= folded >>> 2;
  return (folded ^ (folded >>> 1)) & 1;
}
