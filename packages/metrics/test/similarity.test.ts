import { rankCorrelation, structuralSimilarity } from '@espalier/metrics';
import fc from 'fast-check';
import { expect, test } from 'vitest';

test('rank correlations worked by hand', () => {
  expect(rankCorrelation(Float32Array.of(1, 2, 3), Float32Array.of(10, 20, 90))).toBe(1);
  expect(rankCorrelation(Float32Array.of(1, 2, 3), Float32Array.of(3, 2, -1e9))).toBe(-1);
  // Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: covariance 4.5, variances 4.5 and 5.
  expect(rankCorrelation(Float32Array.of(0, 5, 5, 9), Float32Array.of(1, 2, 3, 4))).toBeCloseTo(Math.sqrt(0.9), 14);
  expect(rankCorrelation(Float32Array.of(2, 2), Float32Array.of(1, 3))).toBeNull();
});

const pairs = fc.array(fc.tuple(fc.constantFrom(-1, 0, 0, 1, 1e-20), fc.constantFrom(0, 1, 1, 2, 1e20)), {
  minLength: 1,
  maxLength: 20,
});

test('the rank correlation is the correlation of how many values each one exceeds', () => {
  fc.assert(
    fc.property(pairs, (values) => {
      const [a, b] = [0, 1].map((side) => Float32Array.from(values, (pair) => pair[side]!));
      // Twice the mean rank, up to a constant: values below minus values above.
      const standing = (map: Float32Array) =>
        [...map].map((value) => map.reduce((sum, other) => sum + Math.sign(value - other), 0));
      const [x, y] = [standing(a!), standing(b!)];
      const dot = (p: readonly number[], q: readonly number[]) => p.reduce((sum, value, i) => sum + value * q[i]!, 0);
      const found = rankCorrelation(a!, b!);
      if (dot(x, x) === 0 || dot(y, y) === 0) expect(found).toBeNull();
      else expect(found).toBeCloseTo(dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y)), 12);
    }),
    { seed: 1 },
  );
});

// Printed by tools/reference/skimage-ssim.py.
const [height, width] = [9, 8];
const ramp = Float32Array.from({ length: height * width }, (_, i) => (i % 11) / 4);
const other = Float32Array.from({ length: height * width }, (_, i) => ((7 * i) % 13) / 6 - 1);

test('structural similarity as scikit-image 0.26.0 measures it, in windows of 7 x 7 and along a row', () => {
  const square = { height, width, windowHeight: 7, windowWidth: 7 };
  const row = { height: 1, width: height * width, windowHeight: 1, windowWidth: 7 };
  expect(structuralSimilarity(ramp, other, square)).toBeCloseTo(0.001197324354252202, 10);
  expect(structuralSimilarity(ramp, other, row)).toBeCloseTo(-0.0009066387616973382, 10);
  expect(structuralSimilarity(ramp, ramp, square)).toBeCloseTo(1, 12);
  expect(structuralSimilarity(new Float32Array(72), new Float32Array(72), square)).toBeNull();
});
