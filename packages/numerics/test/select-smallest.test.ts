import { selectSmallest } from '@espalier/numerics';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

// Few distinct values, both zeros, neighbours in the last bit, subnormals and the largest float: ties and edges of bins.
const hard = fc.constantFrom(0, -0, 1, -1, 1 + 2 ** -23, 1 - 2 ** -24, 0.5, -2, 1.4e-45, -3.4e38, 65536, 65537);
const arrays = fc.array(fc.array(hard, { maxLength: 30 }), { minLength: 1, maxLength: 4 });

describe('selectSmallest', () => {
  test('agrees with sorting everything', () => {
    fc.assert(
      fc.property(arrays, fc.nat(), fc.nat(), (values, someCount, someMask) => {
        const floats = values.map((array) => Float32Array.from(array));
        const kept = floats.map((array, a) =>
          array.reduce(
            (mask, _, i) => mask.fill(Number((someMask >> ((i + a) % 16)) % 2 === 0), i),
            new Uint8Array(array.length),
          ),
        );
        const present = kept.reduce((sum, mask) => sum + mask.filter(Boolean).length, 0);
        const count = someCount % (present + 1);
        expect(selectSmallest(floats, kept, count)).toEqual(slowSmallest(floats, kept, count));
      }),
      { numRuns: 500 },
    );
  });

  test('leaves its arguments alone', () => {
    const [values, kept] = [Float32Array.of(3, -1, 2), Uint8Array.of(1, 1, 0)];
    selectSmallest([values], [kept], 1);
    expect([values, kept]).toEqual([Float32Array.of(3, -1, 2), Uint8Array.of(1, 1, 0)]);
  });
});

/** The definition: sort all kept weights by magnitude, then array, then index; remove the first `count`. */
function slowSmallest(arrays: readonly Float32Array[], kept: readonly Uint8Array[], count: number): Uint8Array[] {
  const places = arrays.flatMap((values, a) => [...values].map((value, i) => ({ a, i, magnitude: Math.abs(value) })));
  const masks = kept.map((mask) => mask.slice());
  places
    .filter(({ a, i }) => kept[a]![i] === 1)
    .sort((x, y) => x.magnitude - y.magnitude || x.a - y.a || x.i - y.i)
    .slice(0, count)
    .forEach(({ a, i }) => {
      masks[a]![i] = 0;
    });
  return masks;
}
