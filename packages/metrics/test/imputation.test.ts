import { ndArray, randomStream, rows, StudyError } from '@espalier/core';
import { linearImputer } from '@espalier/metrics';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { imputeDense } from './dense-imputation.ts';

const tolerance = 1e-5;

test('one hole is the weighted mean of its eight neighbours, worked by hand', () => {
  const image = rgb(3, 3, [1, 2, 3, 4, 9, 6, 7, 8, 9]);
  const { images } = linearImputer(3, 3, tolerance)(image, Uint32Array.of(...[4]), [1]);
  // Direct neighbours 2, 4, 6, 8 weigh 1/6, diagonal ones 1, 3, 7, 9 weigh 1/12.
  expect(at(images.data, 4)).toBeCloseTo(20 / 6 + 20 / 12, 6);
});

test('a hole at the edge leaves out what lies outside the frame, worked by hand', () => {
  const image = rgb(2, 2, [9, 2, 4, 8]);
  const { images } = linearImputer(2, 2, tolerance)(image, Uint32Array.of(...[0]), [1]);
  expect(at(images.data, 0)).toBeCloseTo((2 * 2 + 2 * 4 + 8) / 5, 6);
});

test('known pixels stay exactly as they were, at every level', () => {
  const { image, order } = scene(9, 7, 3);
  const { images } = linearImputer(9, 7)(image, order, [0, 20, 40]);
  for (const [level, count] of [0, 20, 40].entries()) {
    for (const pixel of order.subarray(count)) {
      expect(images.data.subarray(level * 189 + pixel * 3, level * 189 + pixel * 3 + 3)).toEqual(
        image.data.subarray(pixel * 3, pixel * 3 + 3),
      );
    }
  }
});

const shapes: readonly [string, number, number, (y: number, x: number) => boolean][] = [
  ['a full row', 9, 8, (y) => y === 4],
  ['a full column at the edge', 8, 9, (_, x) => x === 8],
  ['all but the first pixel', 12, 11, (y, x) => y + x > 0],
  ['all but the last pixel', 11, 12, (y, x) => y + x < 21],
  ['all but one in the last row', 10, 10, (y, x) => y < 9 || x !== 0],
  ['a square in the middle', 14, 14, (y, x) => Math.max(Math.abs(y - 7), Math.abs(x - 7)) < 5],
  ['a checkerboard', 10, 10, (y, x) => (y + x) % 2 === 0],
  ['one row, its ends known', 1, 12, (_, x) => x > 0 && x < 11],
  ['one column, one end known', 12, 1, (y) => y > 0],
];

test.each(shapes)('%s: the same as a dense solve', (_, height, width, removed) => {
  const image = scene(height, width, 1).image;
  const order = Array.from({ length: height * width }, (_, i) => i).filter((i) =>
    removed(Math.floor(i / width), i % width),
  );
  const { images, errorBounds } = linearImputer(height, width, tolerance)(image, Uint32Array.from(order), [
    order.length,
  ]);
  expect(errorBounds[0]).toBeLessThanOrEqual(tolerance);
  expect(distance(images.data, imputeDense(image, order))).toBeLessThan(tolerance);
});

test('random holes at nested levels, 0 to all but one: the same as a dense solve', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 11 }),
      fc.integer({ min: 2, max: 11 }),
      fc.nat(1000),
      (height, width, seed) => {
        const { image, order } = scene(height, width, seed);
        const pixels = height * width;
        const counts = [0, 0.11, 0.5, 0.91, 0.99, 1].map((part) => Math.min(pixels - 1, Math.floor(part * pixels)));
        const { images } = linearImputer(height, width, tolerance)(image, order, counts);
        for (const [level, count] of counts.entries()) {
          const exact = imputeDense(image, [...order.subarray(0, count)]);
          expect(distance(rows(images, level, level + 1).data, exact)).toBeLessThan(tolerance);
        }
      },
    ),
    { numRuns: 40, seed: 1 },
  );
});

test.each([
  [1, 50, 0],
  [50, 1, 0],
  [1, 50, 49],
  [50, 1, 49],
])(
  'the stated bound is reached by the worst error there is, a ramp (%d x %d, pixel %d known)',
  (height, width, known) => {
    // Known is one end, 0, so all is 0. Asked for nothing better than 2, the solver leaves the ramp as it is.
    const image = ndArray('h w c', [height, width, 3], new Float32Array(150));
    for (let i = 0; i < 150; i++) image.data[i] = Math.abs(Math.floor(i / 3) - known) / 49;
    const order = Uint32Array.from({ length: 50 }, (_, i) => i).filter((pixel) => pixel !== known);
    const { images, iterations, errorBounds } = linearImputer(height, width, 2)(image, order, [49]);
    expect(iterations).toEqual([0]);
    expect(Math.max(...images.data)).toBe(1);
    expect(errorBounds[0]).toBeCloseTo(1, 5);
  },
);

test('the stated bound is a bound, where the tolerance is so coarse that there is an error', () => {
  const errors: number[] = [];
  const sizes = fc.tuple(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 2, max: 70 }));
  fc.assert(
    fc.property(sizes, fc.nat(1000), fc.constantFrom(0.9, 0.5, 0.1), ([height, width], seed, coarse) => {
      const { image, order } = scene(height, width, seed);
      const count = height * width - 1;
      const { images, errorBounds } = linearImputer(height, width, coarse)(image, order, [count]);
      const known = image.data.slice(3 * order[count]!, 3 * order[count]! + 3);
      const error = images.data.reduce((worst, value, i) => Math.max(worst, Math.abs(value - known[i % 3]!)), 0);
      errors.push(error);
      expect(errorBounds[0]).toBeLessThanOrEqual(coarse);
      expect(error).toBeLessThanOrEqual(errorBounds[0]! + 1e-7); // images are float32
    }),
    { numRuns: 100, seed: 3 },
  );
  expect(Math.max(...errors)).toBeGreaterThan(1e-2);
});

test('an imputer gives the same after another image, and levels do not see each other', () => {
  const impute = linearImputer(16, 16);
  const [first, second] = [scene(16, 16, 1), scene(16, 16, 2)];
  const counts = [10, 100, 200];
  const fresh = impute(first.image, first.order, counts);
  impute(second.image, second.order, [255]);
  expect(impute(first.image, first.order, counts)).toEqual(fresh);
  const alone = linearImputer(16, 16)(first.image, first.order, [200]).images.data;
  expect(distance(alone, rows(fresh.images, 2, 3).data)).toBeLessThan(2e-4); // two solves, each to 1e-4
});

test('a hole as large as the frame takes few iterations', () => {
  const { image } = scene(96, 96, 4);
  const order = Uint32Array.from({ length: 96 * 96 - 1 }, (_, i) => i + 1);
  const { images, iterations } = linearImputer(96, 96)(image, order, [order.length]);
  const flat = images.data.map((_, i) => image.data[i % 3]!);
  expect(distance(images.data, flat)).toBeLessThan(1e-4);
  expect(iterations[0]).toBeLessThan(100); // 88; with pivots a tenth too large it is more
});

test('what cannot be imputed is refused', () => {
  const image = rgb(2, 2, [1, 2, 3, 4]);
  const impute = linearImputer(2, 2);
  expect(() => impute(image, Uint32Array.of(...[0, 1, 2, 3]), [1, 4])).toThrowErrorMatchingInlineSnapshot(
    `[StudyError: Imputing 4 pixels needs counts of removed pixels that never fall and leave at least one pixel to impute from; found 1, 4. Remove less than 100 %, in rising order.]`,
  );
  expect(() => impute(image, Uint32Array.of(...[0, 1, 2, 3]), [2, 1])).toThrow(/never fall/);
  expect(() => impute(rgb(1, 4, [1, 2, 3, 4]), Uint32Array.of(0), [1])).toThrowErrorMatchingInlineSnapshot(
    `[StudyError: the image to impute: expected the shape [2, 2, 3] (h w c), found [1, 4, 3].]`,
  );
  image.data[5] = Number.NaN;
  expect(() => impute(image, Uint32Array.of(...[0]), [1])).toThrow(/index 5 of 12/);
  try {
    impute(image, Uint32Array.of(...[0]), [4]);
  } catch (error) {
    expect(StudyError.is(error)).toBe(true);
  }
});

function rgb(height: number, width: number, values: readonly number[]) {
  return ndArray('h w c', [height, width, 3], Float32Array.from(values.flatMap((value) => [value, value, value])));
}

function scene(height: number, width: number, seed: number) {
  const stream = randomStream(seed, 'scene');
  const image = ndArray('h w c', [height, width, 3]);
  for (let i = 0; i < image.data.length; i++) image.data[i] = stream.uniform();
  return { image, order: Uint32Array.from(stream.shuffled([...Array(height * width).keys()])) };
}

function at(data: Float32Array, pixel: number): number {
  const [red, green, blue] = data.subarray(3 * pixel, 3 * pixel + 3);
  expect([green, blue]).toEqual([red, red]);
  return red!;
}

function distance(found: Float32Array, expected: ArrayLike<number>): number {
  return found.reduce((worst, value, i) => Math.max(worst, Math.abs(value - expected[i]!)), 0);
}
