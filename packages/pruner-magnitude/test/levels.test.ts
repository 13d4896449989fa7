import { expect, test } from 'vitest';
import { magnitude } from '../src/magnitude.ts';

const levelsOf = (sparsity: number, before: number, enforceMasks = true) =>
  magnitude.check?.(magnitude.options.parse({ sparsity }), {
    folder: '.',
    before: { options: magnitude.options.parse({ sparsity: before }), kindOptions: { enforceMasks } },
  });

test('a level below the one before on a scan is found by the plan', () => {
  expect(levelsOf(0.3, 0.5)).toEqual([
    {
      path: ['sparsity'],
      text: 'Expected a sparsity of at least 0.5, which the instance before on this scan has removed; found 0.3. Write the levels in ascending order.',
    },
  ]);
  expect(levelsOf(0.5, 0.3)).toEqual([]);
  expect(levelsOf(0.5, 0.5)).toEqual([]);
});

test('where weights may come back, any order will do', () => {
  expect(levelsOf(0.3, 0.5, false)).toEqual([]);
});
