import {
  assemble,
  exponential,
  type FunctionBody,
  four,
  hyperbolicTangent,
  i32,
  instantiate,
  type Lanes,
  memoryOf,
  normalShare,
  one,
  sigmoid,
} from '@espalier/simd';
import { describe, expect, it } from 'vitest';

type Curve = typeof exponential;

/** The curve at every value, by four lanes and by one. */
function computed(curve: Curve, values: Float32Array): readonly [byFour: Float32Array, byOne: Float32Array] {
  const memory = memoryOf(8 * values.length);
  const write =
    <F extends 'f32' | 'v128'>(lanes: Lanes<F>) =>
    (body: FunctionBody) => {
      const { from, to } = body.integers('from', 'to');
      body.repeat(i32.constant(values.length / lanes.count), () => {
        const x = body.local(lanes.load(from));
        lanes.store(body, to, curve(body, lanes, x));
        for (const address of [from, to]) body.advance(address, 4 * lanes.count);
      });
    };
  const code = assemble({ byFour: write(four), byOne: write(one) });
  const kernels = instantiate(code, memory) as Record<'byFour' | 'byOne', (from: number, to: number) => void>; // as assembled
  const results = (['byFour', 'byOne'] as const).map((name) => {
    new Float32Array(memory.buffer).set(values);
    kernels[name](0, 4 * values.length);
    return new Float32Array(memory.buffer, 4 * values.length, values.length).slice();
  });
  return results as [Float32Array, Float32Array]; // one for each name
}

const smallestNormal = 2 ** -126;

/** Distance to the next float32 from the one nearest to `value`. */
function ulp(value: number): number {
  const size = Math.max(smallestNormal, Math.abs(Math.fround(value)));
  return 2 ** (Math.floor(Math.log2(size)) - 23);
}

/** Every size of number on both sides of zero, and many values where the curves bend. */
const values = Float32Array.from([
  ...Array.from({ length: 40_000 }, (_, i) => (i - 20_000) / 190),
  ...Array.from({ length: 4_000 }, (_, i) => (i - 2000) / 3000),
  ...Array.from({ length: 252 }, (_, i) => (i % 2 ? -1 : 1) * 2 ** (i / 4 - 60)),
]);

const exact = {
  exponential: Math.exp,
  sigmoid: (x: number) => 1 / (1 + Math.exp(-x)),
  hyperbolicTangent: Math.tanh,
};

describe('functions from polynomials', () => {
  it.each([
    ['exponential', 2, exponential],
    ['sigmoid', 3, sigmoid],
    ['hyperbolicTangent', 3, hyperbolicTangent],
  ] as const)('%s is within %i ulp', (name, most, curve) => {
    const [byFour, byOne] = computed(curve, values);
    expect(byOne.filter((value, i) => !Object.is(value, byFour[i])).length).toBe(0);
    let worst = 0;
    values.forEach((x, i) => {
      const expected = exact[name](x);
      if (Math.abs(expected) < smallestNormal && Math.abs(byFour[i]!) < smallestNormal) return;
      if (Math.fround(expected) === byFour[i]) return;
      worst = Math.max(worst, Math.abs(expected - byFour[i]!) / ulp(expected));
    });
    expect(worst).toBeLessThanOrEqual(most);
  });

  it('normalShare is within 3e-7, and keeps its digits in the tail', () => {
    const [byFour, byOne] = computed(normalShare, values);
    expect(byOne.filter((value, i) => !Object.is(value, byFour[i])).length).toBe(0);
    // P(normal < x), by scipy.stats.norm.cdf
    const known = new Map([
      [-10, 7.619853024160525e-24],
      [-5, 2.866515718791933e-7],
      [-2, 0.022750131948179212],
      [-1, 0.15865525393145707],
      [-0.5, 0.3085375387259869],
      [0, 0.5],
      [0.25, 0.5987063256829237],
      [1, 0.8413447460685429],
      [3, 0.9986501019683699],
      [8, 0.9999999999999993],
    ]);
    const [found] = computed(normalShare, Float32Array.from([...known.keys(), 0, 0]));
    [...known].forEach(([, share], i) => {
      expect(Math.abs(found[i]! - share)).toBeLessThan(3e-7);
      expect(Math.abs(found[i]! / share - 1)).toBeLessThan(1e-5);
    });
  });

  it('hand NaN on, and end in 0, 1 and infinity', () => {
    const ends = Float32Array.of(Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 88.8);
    const [power] = computed(exponential, ends);
    expect([...power]).toEqual([Number.NaN, 0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
    const [share] = computed(sigmoid, ends);
    expect([...share.slice(0, 3)]).toEqual([Number.NaN, 0, 1]);
    const [tangent] = computed(hyperbolicTangent, ends);
    expect([...tangent.slice(0, 3)]).toEqual([Number.NaN, -1, 1]);
    expect(computed(normalShare, ends)[0][0]).toBeNaN();
  });
});
