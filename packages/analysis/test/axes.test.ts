import { expect, test } from 'vitest';
import { compareLabels, numericLabel } from '../src/study/axes.ts';

test.each([
  [0, 0],
  ['0.5', 0.5],
  ['1e-3', 0.001],
  ['-.5', -0.5],
  ['5.', 5],
])('the label %j is the number %d', (label, value) => {
  expect(numericLabel(label)).toBe(value);
});

test.each(['', ' ', '0x10', '0b1', ' 1', 'Infinity', 'NaN', '1e999', '1_0', '1,5', '\uff11', undefined, Number.NaN])(
  'the label %j is no number',
  (label) => {
    expect(numericLabel(label)).toBeNull();
  },
);

test('a blank label is no sparsity of zero: it stands among the names', () => {
  expect([' ', '0.1', 'dense', 0].sort(compareLabels)).toEqual([0, '0.1', ' ', 'dense']);
});
