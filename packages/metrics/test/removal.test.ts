import { randomStream } from '@espalier/core';
import { addPixelNoise, areaOverCurve, normalQuantile, removalCount, removalOrder } from '@espalier/metrics';
import fc from 'fast-check';
import { expect, test } from 'vitest';

test('ties go to the lower index in both orders, worked by hand', () => {
  const map = Float32Array.of(0, -2, 5, -0, 5, -2);
  expect([...removalOrder(map, 'morf')]).toEqual([2, 4, 0, 3, 1, 5]);
  expect([...removalOrder(map, 'lerf')]).toEqual([1, 5, 0, 3, 2, 4]);
});

test('the radix sort is a comparison sort', () => {
  const value = fc.oneof(fc.constantFrom(0, -0, 1, -1, 1e-45, 3e38, -3e38), fc.float({ noNaN: true }));
  fc.assert(
    fc.property(fc.array(value, { maxLength: 300 }), (values) => {
      const map = Float32Array.from(values);
      const slow = [...map.keys()].sort((i, j) => Math.sign(map[j]! - map[i]!) || i - j);
      expect([...removalOrder(map)]).toEqual(slow);
    }),
    { seed: 1 },
  );
});

test('counts are rounded down, as Python does it: int(50176 * p / 100)', () => {
  expect([0, 1, 11, 29, 91].map((percentage) => removalCount(50176, percentage))).toEqual([0, 501, 5519, 14551, 45660]);
});

test('areas over a curve, worked by hand', () => {
  expect(areaOverCurve([1, 1, 0, 0], 'unmodified')).toBe(0.5);
  expect(areaOverCurve([1, 1, 0, 0], 'first-level')).toBe(0.4);
  expect(areaOverCurve([0, 1], 'unmodified')).toBe(-0.5);
});

test('noise at a pixel depends on seed, labels, pixel and channel alone', () => {
  const all = noisy([0, 1, 2, 3], 7, 'image', 10);
  expect(noisy([2], 7, 'image', 10).subarray(6, 9)).toEqual(all.subarray(6, 9));
  for (const other of [noisy([2], 8, 'image', 10), noisy([2], 7, 'other', 10), noisy([2], 7, 'image', 20)]) {
    expect(other.subarray(6, 9)).not.toEqual(all.subarray(6, 9));
  }
  expect(new Set(all).size).toBe(12);
});

test('noise has mean 0 and the standard deviation of its channel', () => {
  const pixels = 20_000;
  const image = new Float32Array(3 * pixels);
  addPixelNoise(image, Uint32Array.from(image.subarray(0, pixels).keys()), [0.01, 0.02, 0.5], 3, 'a');
  for (const [c, deviation] of [0.01, 0.02, 0.5].entries()) {
    const values = image.filter((_, i) => i % 3 === c).map((value) => value / deviation);
    const mean = values.reduce((sum, value) => sum + value, 0) / pixels;
    const variance = values.reduce((sum, value) => sum + value * value, 0) / pixels;
    // Four standard errors of each statistic.
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(pixels));
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / pixels));
  }
});

// scipy 1.17: scipy.stats.norm.ppf(p)
test.each([
  [1e-10, -6.361340902404056],
  [1e-6, -4.753424308822899],
  [0.01, -2.3263478740408408],
  [0.075, -1.4395314709384563],
  [0.3, -0.5244005127080409],
  [0.9, 1.2815515655446004],
  [0.999999, 4.753424308817087],
])('the normal quantile of %d, as scipy computes it', (p, expected) => {
  expect(Math.abs(normalQuantile(p) / expected - 1)).toBeLessThan(2e-7); // stated by its author: about 1e-7
  expect(normalQuantile(0.5)).toBe(0);
});

test('an order of many pixels is a permutation', () => {
  const stream = randomStream(0, 'permutation');
  const order = removalOrder(Float32Array.from({ length: 5000 }, () => Math.round(4 * stream.normal())));
  expect([...order].sort((a, b) => a - b)).toEqual([...order.keys()]);
});

function noisy(pixels: readonly number[], seed: number, ...labels: (string | number)[]): Float32Array {
  const image = new Float32Array(12);
  addPixelNoise(image, Uint32Array.from(pixels), [1, 1, 1], seed, ...labels);
  return image;
}
