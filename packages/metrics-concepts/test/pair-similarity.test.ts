import { type Embeddings, pairSimilarity } from '@espalier/metrics-concepts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import reference from './fixtures/pair-similarity.json' with { type: 'json' };

function embeddings(rows: readonly (readonly number[])[]): Embeddings {
  return { count: rows.length, size: rows[0]!.length, data: Float64Array.from(rows.flat()) };
}

/** The definition: every pair of crops by itself. */
function slow({ count, size, data }: Embeddings, weights: readonly number[]): number {
  let [weighted, total] = [0, 0];
  for (let n = 0; n < count; n++)
    for (let m = 0; m < count; m++) {
      if (n === m) continue;
      let dot = 0;
      for (let j = 0; j < size; j++) dot += data[n * size + j]! * data[m * size + j]!;
      weighted += weights[n]! * weights[m]! * dot;
      total += weights[n]! * weights[m]!;
    }
  return weighted / total;
}

test('by hand: two alike crops and one apart', () => {
  const three = embeddings([
    [1, 0],
    [1, 0],
    [0, 1],
  ]);
  expect(pairSimilarity(three, [1, 1, 1])).toBeCloseTo(1 / 3, 14);
  expect(pairSimilarity(three, [1, 1, 0])).toBe(1);
  expect(pairSimilarity(three, [1, 0, 1])).toBe(0);
  // Pairs weigh 2, 1 and 2, of which the first is alike.
  expect(pairSimilarity(three, [2, 1, 1])).toBeCloseTo(2 / 5, 14);
});

test('has no value without a pair', () => {
  const two = embeddings([[1], [1]]);
  expect(pairSimilarity(two, [0, 0])).toBe(null);
  expect(pairSimilarity(two, [3, 0])).toBe(null);
});

// Unit rows in four directions and a row of zeros (a crop that the layer does not see); weights with many zeros.
const rows = fc.constantFrom([1, 0, 0], [0, 1, 0], [0.6, 0.8, 0], [0, -0.6, 0.8], [0, 0, 0]);
const cases = fc
  .array(fc.record({ row: rows, weight: fc.constantFrom(0, 0, 0.25, 1, 7) }), { minLength: 2, maxLength: 12 })
  .filter((crops) => crops.filter(({ weight }) => weight > 0).length > 1);

test('is the mean over pairs, in any scale of the weights', () => {
  fc.assert(
    fc.property(cases, (crops) => {
      const all = embeddings(crops.map(({ row }) => row));
      const weights = crops.map(({ weight }) => weight);
      const value = pairSimilarity(all, weights);
      expect(value).toBeCloseTo(slow(all, weights), 10);
      const scaled = weights.map((weight) => 8 * weight);
      expect(pairSimilarity(all, scaled)).toBe(value);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test('with equal weights it is the exact mean over all permutations of any weights', () => {
  const all = embeddings([
    [1, 0],
    [0.6, 0.8],
    [0, 1],
    [0.8, -0.6],
  ]);
  const values = permutations([5, 1, 0.5, 0]).map((weights) => pairSimilarity(all, weights)!);
  const average = values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(values.length).toBe(24);
  expect(pairSimilarity(all, [1, 1, 1, 1])).toBeCloseTo(average, 14);
});

// Printed by tools/reference/pair-similarity.py with NumPy, from all pairs.
test('has the value of NumPy on random embeddings', () => {
  const { count, size, embeddings: data, weights, similarity } = reference;
  // Hundreds of float64 terms in another order.
  expect(pairSimilarity({ count, size, data: Float64Array.from(data) }, weights)).toBeCloseTo(similarity, 12);
});

function permutations(items: readonly number[]): number[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}
