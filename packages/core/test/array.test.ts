import { concatRows, expectFinite, expectShape, ndArray, reduceChannels, rows, takeRows } from '@espalier/core';
import { expect, test } from 'vitest';

const images = ndArray('n c', [3, 2], Float32Array.of(1, 2, 3, 4, 5, 6));

test('a shape that does not fit its values is refused', () => {
  expect(() => ndArray('n c', [2, 2], new Float32Array(5))).toThrowErrorMatchingInlineSnapshot(
    `[StudyError: An array with axes "n c" needs 2 sizes whose product is its 5 values; found the shape [2, 2]. Pass the shape that the values were written with.]`,
  );
  expect(() => ndArray('n', [2, 2])).toThrow(/needs 1 sizes/);
});

test('rows are views, taken rows are copies', () => {
  expect(rows(images, 1, 2).data.buffer).toBe(images.data.buffer);
  const taken = takeRows(images, [2, 0]);
  expect([...taken.data]).toEqual([5, 6, 1, 2]);
  taken.data[0] = 9;
  expect(images.data[4]).toBe(5);
});

test('joining gives back what was cut, and refuses other sizes', () => {
  expect(concatRows([rows(images, 0, 1), rows(images, 1, 3)])).toEqual(images);
  expect(() => concatRows([images, ndArray('n c', [1, 3])])).toThrowErrorMatchingInlineSnapshot(
    `[StudyError: joining arrays along their first axis: expected the shape [any, 2] (n c), found [1, 3].]`,
  );
});

test('NaN is named with its place', () => {
  expect(() => expectFinite([0, Number.NaN], 'the logits')).toThrowErrorMatchingInlineSnapshot(
    `[StudyError: the logits: expected finite numbers, found NaN at index 1 of 2.]`,
  );
  expect(() => expectShape(images, [3, 2], 'here')).not.toThrow();
});

test('channel reductions, worked by hand', () => {
  const values = ndArray('n h w c', [1, 1, 2, 3], Float32Array.of(1, -2, 4, -3, 0, 4));
  const reduced = (reduction: Parameters<typeof reduceChannels>[1]) => [
    ...reduceChannels({ values, reduction: 'sum' }, reduction).data,
  ];
  expect(reduced('sum')).toEqual([3, 1]);
  expect(reduced('abs-sum')).toEqual([3, 1]);
  expect(reduced('sum-abs')).toEqual([7, 7]);
  expect(reduced('max-abs')).toEqual([4, 4]);
  expect(reduced('l2')).toEqual([Math.fround(Math.sqrt(21)), 5]);
});
