/**
 * Marks the `count` weights of smallest magnitude that are still kept, over several arrays at once.
 *
 * Ties go to the lower index: of equal magnitudes the first, in the order of `arrays` and then row-major, is
 * removed. So levels nest: what a lower count removes, a higher count removes too.
 *
 * The magnitude of a finite float32 grows with its bits below the sign, read as an integer. Two histograms of
 * 2^16 bins, of the upper and then of the lower half of those bits, find the exact threshold in time linear in
 * the number of weights, without sorting or copying them.
 *
 * @param arrays finite weights
 * @param kept one byte per weight, 0 where a weight is already gone and must not be counted again
 * @param count whole number, at most the number of kept weights
 * @returns one byte per weight: 1 keeps, 0 removes
 */
export function selectSmallest(
  arrays: readonly Float32Array[],
  kept: readonly Uint8Array[],
  count: number,
): Uint8Array[] {
  if (count === 0) return kept.map((mask) => mask.slice());
  const bits = arrays.map((values) => new Uint32Array(values.buffer, values.byteOffset, values.length));
  const upper = findBin(upperHalves(bits, kept), count);
  const lower = findBin(lowerHalves(bits, kept, upper.bin), upper.rank);
  const threshold = upper.bin * 0x10000 + lower.bin;

  let ties = lower.rank;
  return bits.map((values, a) => {
    const mask = kept[a]!.slice();
    for (let i = 0; i < values.length; i++) {
      const magnitude = values[i]! & belowSign;
      if (magnitude > threshold || mask[i] === 0) continue;
      if (magnitude < threshold || ties-- > 0) mask[i] = 0;
    }
    return mask;
  });
}

const belowSign = 0x7fffffff;

/** How many kept magnitudes have each upper half. */
function upperHalves(bits: readonly Uint32Array[], kept: readonly Uint8Array[]): Uint32Array {
  const counts = new Uint32Array(0x10000);
  bits.forEach((values, a) => {
    const mask = kept[a]!;
    for (let i = 0; i < values.length; i++) counts[(values[i]! & belowSign) >>> 16]! += mask[i]!;
  });
  return counts;
}

/** How many kept magnitudes with the upper half `upper` have each lower half. */
function lowerHalves(bits: readonly Uint32Array[], kept: readonly Uint8Array[], upper: number): Uint32Array {
  const counts = new Uint32Array(0x10000);
  bits.forEach((values, a) => {
    const mask = kept[a]!;
    for (let i = 0; i < values.length; i++) {
      if ((values[i]! & belowSign) >>> 16 === upper) counts[values[i]! & 0xffff]! += mask[i]!;
    }
  });
  return counts;
}

/** The bin that holds the `count`-th smallest value (from 1), and that value's rank (from 1) inside the bin. */
function findBin(counts: Uint32Array, count: number): { bin: number; rank: number } {
  let rank = count;
  let bin = 0;
  while (rank > counts[bin]!) rank -= counts[bin++]!;
  return { bin, rank };
}
