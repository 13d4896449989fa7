import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { torchSmallest } from './torch-select.ts';

// Few distinct values, both zeros, neighbours in the last bit, subnormals and the largest float: ties and edges of bins.
const hard = fc.constantFrom(0, -0, 1, -1, 1 + 2 ** -23, 1 - 2 ** -24, 0.5, -2, 1.4e-45, -3.4e38, 65536, 65537);

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
