import { expect, test } from 'vitest';
import { trainOptions } from '../src/index.ts';

test('ranges of the random crop have their smaller end first', () => {
  const accepts = (crop: object) => trainOptions.safeParse({ epochs: 1, crop }).success;
  expect([{}, { scale: [0.5, 0.5] }, { ratio: [1, 2] }].map(accepts)).toEqual([true, true, true]);
  expect([{ scale: [0.5, -1] }, { scale: [0.9, 0.3] }, { ratio: [2, 1] }].map(accepts)).toEqual([false, false, false]);
});
