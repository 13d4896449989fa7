import { baselinesFor } from '@espalier/explainer-ig';
import { gaussianBlur } from '@espalier/images';
import { describe, expect, test } from 'vitest';
import { reference } from './reference.ts';

const input = { height: 2, width: 1, channels: 3, mean: [0.5, 0.25, 0.125], std: [1, 1, 1] };
const image = Float32Array.of(1, 0, 0, 0, 1, 0);

test('black is zero, mean is the mean of each channel', () => {
  expect(baselinesFor({ name: 'black' }, input)(image)).toEqual([new Float32Array(6)]);
  expect(baselinesFor({ name: 'mean' }, input)(image)).toEqual([Float32Array.of(0.5, 0.25, 0.125, 0.5, 0.25, 0.125)]);
});

describe('uniform', () => {
  const draw = (seed: number) => baselinesFor({ name: 'uniform', draws: 2, seed }, input)(image);

  test('gives as many different images as asked, in [0, 1)', () => {
    const [first, second] = draw(0);
    expect(draw(0).length).toBe(2);
    expect(first).not.toEqual(second);
    expect(first!.every((value) => value >= 0 && value < 1)).toBe(true);
  });

  test('depends on the seed alone', () => {
    expect(draw(0)).toEqual(draw(0));
    expect(draw(0)).not.toEqual(draw(1));
  });
});

describe('blur', () => {
  // Float32 images: their rounding is 6e-8 of values up to 1, twice.
  test.each(reference.blur)('of $shape pixels by $sigma is that of SciPy', ({ shape, sigma, image, blurred }) => {
    const [height, width, channels] = shape;
    const found = gaussianBlur(Float32Array.from(image), { height, width, channels }, sigma);
    found.forEach((value, i) => {
      expect(Math.abs(value - blurred[i]!)).toBeLessThan(2e-7);
    });
  });

  test('takes sigma as a fraction of the shorter side', () => {
    const wide = { ...input, height: 4, width: 10 };
    const noise = Float32Array.from({ length: 120 }, (_, i) => Math.abs(Math.sin(i)));
    const [blurred] = baselinesFor({ name: 'blur', sigma: 0.25 }, wide)(noise);
    expect(blurred).toEqual(gaussianBlur(noise, { height: 4, width: 10, channels: 3 }, 1));
  });
});
