import { readFileSync } from 'node:fs';
import { selectSmallest, torchSmallest } from '@espalier/pruner-magnitude';
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

describe('torchSmallest', () => {
  test('has the threshold and the count of a sort', () => {
    fc.assert(
      fc.property(fc.array(hard, { minLength: 1, maxLength: 300 }), fc.nat(), (values, someCount) => {
        const floats = Float32Array.from(values);
        const count = someCount % (values.length + 1);
        const taken = removed(torchSmallest(floats, count));
        expect(taken.length).toBe(count);
        const expected = floats.map(Math.abs).sort().subarray(0, count);
        expect(Float32Array.from(taken, (i) => Math.abs(floats[i]!)).sort()).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  // tools/reference/torch-ties.py; torch.topk(|w|, k, largest=False) of PyTorch 2.13.0 on a CPU.
  const cases: { values: number[]; count: number; indices: number[] }[] = JSON.parse(
    readFileSync(new URL('fixtures/torch-ties.json', import.meta.url), 'utf8'),
  );
  test.each(cases)('takes the same $count of $values.length tied weights as PyTorch', ({ values, count, indices }) => {
    expect(removed(torchSmallest(Float32Array.from(values), count))).toEqual(indices);
  });
});

function removed(keep: Uint8Array): number[] {
  return [...keep.keys()].filter((i) => keep[i] === 0);
}

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
