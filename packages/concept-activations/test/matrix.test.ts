import { type Matrix, multiplyByTransposed, transposed, zeros } from '@espalier/concept-activations';
import fc from 'fast-check';
import { expect, test } from 'vitest';

// Sizes around the blocks of four and two rows that the product works in.
const size = fc.integer({ min: 1, max: 9 });

test("X Y' agrees with its definition, whatever is left over of its blocks", () => {
  fc.assert(
    fc.property(size, size, size, (rows, length, columns) => {
      const [X, Y] = [counting(rows, length), counting(columns, length)];
      const out = zeros(rows, columns);
      multiplyByTransposed(X, Y, out);
      const expected = Array.from({ length: rows * columns }, (_, at) => {
        const [i, k] = [Math.floor(at / columns), at % columns];
        let sum = 0;
        for (let j = 0; j < length; j++) sum += X.data[i * length + j]! * Y.data[k * length + j]!;
        return sum;
      });
      expect([...out.data]).toEqual(expected);
    }),
  );
});

test('transposing, worked by hand', () => {
  expect(transposed({ rows: 2, columns: 3, data: Float64Array.of(1, 2, 3, 4, 5, 6) })).toEqual({
    rows: 3,
    columns: 2,
    data: Float64Array.of(1, 4, 2, 5, 3, 6),
  });
});

/** Small whole numbers, whose sums are exact in any order. */
function counting(rows: number, columns: number): Matrix {
  return { rows, columns, data: Float64Array.from({ length: rows * columns }, (_, i) => ((7 * i + rows) % 11) - 4) };
}
