import { gridOfCrops } from '@espalier/concept-activations';
import { ndArray } from '@espalier/core';
import { resizeCropInto } from '@espalier/images';
import { expect, test } from 'vitest';
import { reference } from './reference.ts';

test('224 pixels hold 16 crops of 64 at 0, 51, 102 and 153', () => {
  const crops = gridOfCrops(ndArray('n h w c', [1, 224, 224, 1]), 64);
  const starts = [0, 51, 102, 153];
  expect(crops).toEqual(starts.flatMap((top) => starts.map((left) => ({ image: 0, top, left, size: 64 }))));
});

test('crops go image by image and stay inside', () => {
  const crops = gridOfCrops(ndArray('n h w c', [2, 6, 9, 3]), 6);
  expect(crops).toEqual([
    { image: 0, top: 0, left: 0, size: 6 },
    { image: 1, top: 0, left: 0, size: 6 },
  ]);
});

test('one pixel is a crop, in steps of one', () => {
  expect(gridOfCrops(ndArray('n h w c', [1, 2, 3, 3]), 1).length).toBe(6);
});

test('are enlarged as PyTorch unfolds and interpolates them', () => {
  const { shape, size, image, enlarged } = reference.crops;
  const images = ndArray('n h w c', [1, ...shape], Float32Array.from(image));
  const crops = gridOfCrops(images, size);
  expect(crops.length).toBe(enlarged.length);
  const out = new Float32Array(image.length);
  crops.forEach((crop, p) => {
    resizeCropInto(out, images, crop);
    out.forEach((value, i) => {
      // PyTorch interpolates in float32: three products of values below 1.
      expect(Math.abs(value - enlarged[p]![i]!)).toBeLessThan(5e-7);
    });
  });
});
