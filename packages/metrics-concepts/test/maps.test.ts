import { ndArray } from '@espalier/core';
import { areaUnderCurve, enlargedMap, ofBestConcept, overlap, rankMap } from '@espalier/metrics-concepts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import reference from './fixtures/areas.json' with { type: 'json' };

const floats = (...values: readonly number[]) => Float32Array.from(values);
/** Against all pixels outside. */
const areaOf = (values: Float32Array, mask: Uint8Array) =>
  areaUnderCurve(
    rankMap(values),
    mask,
    mask.map((inside) => 1 - inside),
  );
const bytes = (...values: readonly number[]) => Uint8Array.from(values);

describe('area under the ROC curve', () => {
  test('by hand', () => {
    expect(areaOf(floats(1, 2, 3, 4), bytes(0, 0, 1, 1))).toBe(1);
    expect(areaOf(floats(1, 2, 3, 4), bytes(1, 1, 0, 0))).toBe(0);
    expect(areaOf(floats(5, 5, 5, 5), bytes(1, 0, 1, 0))).toBe(0.5);
    expect(areaOf(floats(0, 1, 1, 2), bytes(0, 0, 1, 1))).toBe(7 / 8); // one of four pairs ties
  });

  test('counts only the pixels inside and outside', () => {
    const map = rankMap(floats(4, 3, 2, 1));
    expect(areaUnderCurve(map, bytes(0, 1, 0, 0), bytes(1, 0, 0, 0))).toBe(0);
    expect(areaUnderCurve(map, bytes(0, 1, 0, 0), bytes(0, 0, 0, 1))).toBe(1);
    expect(areaUnderCurve(map, bytes(0, 1, 0, 0), bytes(0, 0, 0, 0))).toBe(null);
  });

  test('has no value without an inside or an outside', () => {
    expect(areaOf(floats(1, 2), bytes(1, 1))).toBe(null);
    expect(areaOf(floats(1, 2), bytes(0, 0))).toBe(null);
  });

  const cases = fc
    .array(fc.record({ value: fc.constantFrom(0, 0, 0.5, 1, 2), inside: fc.constantFrom(0, 1) }), {
      minLength: 2,
      maxLength: 30,
    })
    .filter((pixels) => new Set(pixels.map(({ inside }) => inside)).size === 2);

  test('is the share of pairs in the right order, ties counting half', () => {
    fc.assert(
      fc.property(cases, (pixels) => {
        const values = (side: number) => pixels.filter(({ inside }) => inside === side).map(({ value }) => value);
        const wins = values(1).flatMap((a) => values(0).map((b) => (a > b ? 1 : a === b ? 0.5 : 0)));
        const slow = wins.reduce<number>((sum, win) => sum + win, 0) / wins.length;
        const found = areaOf(
          Float32Array.from(pixels, ({ value }) => value),
          Uint8Array.from(pixels, ({ inside }) => inside),
        );
        expect(found).toBeCloseTo(slow, 12);
      }),
      { seed: 1 },
    );
  });

  // Printed by tools/reference/areas.py.
  test.each(reference.cases)('has the value of scikit-learn', ({ values, mask, area }) => {
    expect(areaOf(Float32Array.from(values), Uint8Array.from(mask))).toBeCloseTo(area, 12);
  });
});

test('overlap compares the strongest pixels, as many as the mask has', () => {
  expect(overlap(rankMap(floats(4, 3, 2, 1)), bytes(1, 1, 0, 0))).toBe(1);
  expect(overlap(rankMap(floats(4, 3, 2, 1)), bytes(0, 1, 1, 0))).toBe(1 / 3);
  expect(overlap(rankMap(floats(4, 3, 2, 1)), bytes(0, 0, 1, 1))).toBe(0);
  expect(overlap(rankMap(floats(4, 0, 0, 0)), bytes(1, 1, 0, 0))).toBe(1 / 2); // only one pixel is positive
  expect(overlap(rankMap(floats(1, 1, 1, 1)), bytes(0, 1, 0, 0))).toBe(0); // ties go to the lower index
  expect(overlap(rankMap(floats(0, 0)), bytes(0, 0))).toBe(0);
});

test('maps are enlarged between the centres of places, edges repeated', () => {
  // Two concepts at 1 x 2 places of one image; the second concept has 0 and 4.
  const bank = { maps: ndArray('n h w r', [1, 1, 2, 2], floats(9, 0, 9, 4)) };
  expect([...enlargedMap(bank, { n: 0, r: 1 }, 1, 4)]).toEqual([0, 1, 3, 4]);
  expect([...enlargedMap(bank, { n: 0, r: 1 }, 2, 2)]).toEqual([0, 4, 0, 4]);
  expect([...enlargedMap(bank, { n: 0, r: 0 }, 1, 3)]).toEqual([9, 9, 9]);
});

test('the best concept is chosen on one half and measured on the other', () => {
  // Concept 0 is best on images 0 and 2 (it has 0.2 and 0.4 on 1 and 3); concept 1 on 1 and 3 (it has 0.6 on 0 and 2).
  const values = [
    [0.9, 0.6],
    [0.2, 0.8],
    [0.9, 0.6],
    [0.4, 0.8],
  ];
  expect(ofBestConcept(values)).toBeCloseTo((0.3 + 0.6) / 2, 12);
});
