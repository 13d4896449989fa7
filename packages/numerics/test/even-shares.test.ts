import { evenShares } from '@espalier/numerics';
import fc from 'fast-check';
import { expect, test } from 'vitest';

test.each([
  { what: 'as many each', count: 6, length: 4, present: [0, 0, 0], shares: [2, 2, 2] },
  { what: 'one more for the first', count: 8, length: 4, present: [0, 0, 0], shares: [3, 3, 2] },
  { what: 'what is there stays, and counts', count: 8, length: 4, present: [4, 0, 1], shares: [4, 2, 2] },
  { what: 'the first that are short get the rest', count: 7, length: 4, present: [4, 0, 1], shares: [4, 2, 1] },
  { what: 'all', count: 12, length: 4, present: [1, 2, 0], shares: [4, 4, 4] },
  { what: 'nothing', count: 0, length: 4, present: [0, 0], shares: [0, 0] },
])('$what', ({ count, length, present, shares }) => {
  expect(evenShares(count, length, present)).toEqual(shares);
});

test('shares add up to the count, fit the rows, and grow with the count', () => {
  const rows = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(rows, fc.nat(), fc.nat(), (present, a, b) => {
      const gone = present.reduce((sum, own) => sum + own, 0);
      const room = 5 * present.length - gone + 1;
      const [fewer, more] = [a % room, b % room].sort((x, y) => x - y).map((extra) => gone + extra) as [number, number];
      const [first, second] = [evenShares(fewer, 5, present), evenShares(more, 5, evenShares(fewer, 5, present))];
      expect(first.reduce((sum, own) => sum + own, 0)).toBe(fewer);
      expect(first.every((own, row) => own >= present[row]! && own <= 5)).toBe(true);
      expect(second.reduce((sum, own) => sum + own, 0)).toBe(more);
      expect(evenShares(more, 5, present).every((own, row) => own >= first[row]!)).toBe(true);
    }),
  );
});
