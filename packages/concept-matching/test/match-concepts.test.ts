import { codeSimilarity, matchConcepts } from '@espalier/concept-matching';
import { type ConceptBank, ndArray, randomStream } from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

type Coded = Pick<ConceptBank, 'classIndex' | 'ids' | 'crops' | 'codes'>;

/** A bank of two images with crops side by side; one row of codes per crop. */
function coded(...rows: readonly (readonly number[])[]): Coded {
  return {
    classIndex: 3,
    ids: ['a', 'b'],
    crops: rows.map((_, p) => ({ image: p % 2, top: 0, left: 4 * Math.floor(p / 2), size: 4 })),
    codes: ndArray('p r', [rows.length, rows[0]!.length], Float32Array.from(rows.flat())),
  };
}

describe('similarity of codes', () => {
  test('is the correlation over crops, worked by hand', () => {
    const a = coded([1, 0], [2, 0], [3, 0], [4, 1]);
    const b = coded([2, 4, 5], [4, 3, 5], [6, 2, 5], [8, 1, 5]);
    const { rows, columns, data } = codeSimilarity(a, b);
    expect([rows, columns]).toEqual([2, 3]);
    // 1 2 3 4 against 0 0 0 1: covariance 1.5, norms sqrt(5) and sqrt(0.75). A constant is like nothing.
    const skewed = 1.5 / Math.sqrt(5 * 0.75);
    [1, -1, 0, skewed, -skewed, 0].forEach((value, i) => {
      expect(data[i]).toBeCloseTo(value, 12);
    });
  });

  test('of concepts whose sign is a convention is without it, and with it where they have names', () => {
    const [a, b] = [coded([1], [-2], [3], [-4]), coded([-1], [2], [-3], [4])];
    const likeness = (form: ConceptBank['form'] = {}) => codeSimilarity({ ...a, form }, b).data[0];
    expect(likeness({ codes: 'signed' })).toBeCloseTo(1, 12);
    expect(codeSimilarity(a, { ...b, form: { codes: 'signed' } }).data[0]).toBeCloseTo(1, 12);
    expect(likeness({ codes: 'signed', isNamed: true })).toBeCloseTo(-1, 12);
    expect(likeness()).toBeCloseTo(-1, 12);
  });

  test('of float32 constants is 0, not rounding over rounding', () => {
    const constant = coded([0.1, 1], [0.1, 2], [0.1, 5]);
    const { data } = codeSimilarity(constant, constant);
    expect([...data].slice(0, 3)).toEqual([0, 0, 0]);
    expect(data[3]).toBeCloseTo(1, 12);
  });

  test('does not depend on the order of crops, as long as it is shared', () => {
    const stream = randomStream(1, 'similarity');
    const rows = () => Array.from({ length: 6 }, () => [stream.uniform(), stream.uniform()]);
    const [a, b] = [rows(), rows()];
    const once = codeSimilarity(coded(...a), coded(...b)).data;
    const turned = codeSimilarity(coded(...a.reverse()), coded(...b.reverse())).data;
    once.forEach((value, i) => {
      expect(turned[i]).toBeCloseTo(value, 12);
    });
  });

  test('refuses banks of other crops', () => {
    const [a, b] = [coded([1], [2]), coded([1], [2], [3])];
    expect(() => codeSimilarity(a, b)).toThrowErrorMatchingInlineSnapshot(
      `[StudyError: Concepts are matched by their codes on the same crops: expected 2 equal crops of class 3 in both banks, found 3 of class 3, of other images, places or sizes. Extract both from the same images with the same \`patch\`.]`,
    );
    expect(() => codeSimilarity(a, { ...a, ids: ['a', 'c'] })).toThrow(/same crops/);
  });
});

describe('what became of concepts', () => {
  const matrix = (...rows: readonly (readonly number[])[]) => ({
    rows: rows.length,
    columns: rows[0]!.length,
    data: Float64Array.from(rows.flat()),
  });

  test('living on, merging, dying, splitting and being born', () => {
    const lineage = matchConcepts(
      matrix(
        [0.9, 0.1, 0.0, 0.1], // 0 lives on as 0
        [0.8, 0.2, 0.0, 0.1], // 1 merges into 0
        [0.0, 0.3, 0.0, 0.0], // 2 dies
        [0.1, 0.1, 0.6, 0.55], // 3 lives on as 2, of which 3 split off
      ),
      0.5,
    );
    expect(lineage.pairs.map(({ from, to }) => [from, to])).toEqual([
      [0, 0],
      [3, 2],
    ]);
    expect(lineage.merges).toEqual([{ from: 1, to: 0, similarity: 0.8 }]);
    expect(lineage.deaths).toEqual([2]);
    expect(lineage.splits).toEqual([{ from: 3, to: 3, similarity: 0.55 }]);
    expect(lineage.births).toEqual([1]);
    expect(lineage.similarity).toBeCloseTo((0.9 + 0.1 + 0.3 + 0.6) / 4, 12); // 1 and 3 are paired, below the threshold;
  });

  test('itself lives on whole', () => {
    const { pairs, merges, deaths, births } = matchConcepts(matrix([1, 0.2], [0.2, 1]), 0.5);
    expect(pairs.map(({ from, to }) => [from, to])).toEqual([
      [0, 0],
      [1, 1],
    ]);
    expect([merges, deaths, births]).toEqual([[], [], []]);
  });

  const matrices = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })).chain(([rows, columns]) =>
    fc.record({
      rows: fc.constant(rows),
      columns: fc.constant(columns),
      data: fc
        .array(fc.constantFrom(-1, 0, 0.5, 0.5, 0.75, 1), { minLength: rows * columns, maxLength: rows * columns })
        .map((values) => Float64Array.from(values)),
    }),
  );

  test('every concept before and after has one fate, and no match is below the threshold', () => {
    fc.assert(
      fc.property(matrices, ({ rows, columns, data }) => {
        const { pairs, merges, deaths, splits, births } = matchConcepts({ rows, columns, data }, 0.5);
        const before = [...pairs.map(({ from }) => from), ...merges.map(({ from }) => from), ...deaths];
        const after = [...pairs.map(({ to }) => to), ...splits.map(({ to }) => to), ...births];
        expect(before.sort()).toEqual(Array.from({ length: rows }, (_, i) => i));
        expect(after.sort()).toEqual(Array.from({ length: columns }, (_, i) => i));
        for (const { from, to, similarity } of [...pairs, ...merges, ...splits]) {
          expect(similarity).toBe(data[from * columns + to]);
          expect(similarity).toBeGreaterThanOrEqual(0.5);
        }
      }),
      { seed: 2, numRuns: 300 },
    );
  });
});
