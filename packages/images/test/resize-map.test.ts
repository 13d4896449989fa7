import { resizeMap } from '@espalier/images';
import { expect, test } from 'vitest';

const size = (height: number, width: number) => ({ height, width });

test('bilinear lies between the centres of places, and repeats edges', () => {
  expect([...resizeMap([0, 4], size(1, 2), size(1, 4))]).toEqual([0, 1, 3, 4]);
  expect([...resizeMap([0, 4], size(2, 1), size(4, 2))]).toEqual([0, 0, 1, 1, 3, 3, 4, 4]);
  expect([...resizeMap([1, 2, 3, 4], size(2, 2), size(1, 1))]).toEqual([2.5]);
});

test('nearest takes the place that a pixel begins in', () => {
  expect([...resizeMap([1, 2, 3], size(1, 3), size(1, 4), 'nearest')]).toEqual([1, 1, 2, 3]);
  expect([...resizeMap([1, 2, 3, 4], size(2, 2), size(3, 2), 'nearest')]).toEqual([1, 2, 1, 2, 3, 4]);
});
