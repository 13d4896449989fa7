import { expect, test } from 'vitest';
import { otherCodeWords } from '../src/command-line/progress/other-code.ts';

test('one difference is said as it is, many by the first and their number', () => {
  expect(otherCodeWords([])).toBe('');
  expect(otherCodeWords(['code of a'])).toBe('code of a');
  expect(otherCodeWords(['code of a', 'code of b', 'b takes part now'])).toBe('code of a, and 2 more');
});
