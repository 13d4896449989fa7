// A map that varies by less than this, of its length, varies by rounding alone: all masks agree.
const rounding = 1e-9;

/** How masks become a map. */
export interface Masking {
  /** Masks are weighted by what the model says, and divided by what they let through: on average, or each pixel's own masks. */
  readonly divideBy: 'expected' | 'drawn';
  /** How likely a cell is kept. */
  readonly probability: number;
}

/** Masks that are seen one after the other: their sums, and their sums weighted by answers. */
interface Sums {
  count: number;
  readonly masks: Float64Array;
  readonly weighted: Float64Array;
}

/**
 * Gathers masks and what the model says of the image behind each. Slowly:
 *
 *     map[pixel] = sum of answer[i] mask[i][pixel] over i / (masks probability, or sum of mask[i][pixel] over i)
 *
 * @param size pixels of a mask
 */
export function weightedMasks(size: number, masking: Masking) {
  const halves = [noSums(size), noSums(size)] as const;
  let seen = 0;
  return {
    /** Adds one mask, and the answer. */
    add(mask: Float32Array, answer: number): void {
      const sums = halves[(seen++ % 2) as 0 | 1];
      sums.count++;
      for (let i = 0; i < size; i++) {
        sums.masks[i]! += mask[i]!;
        sums.weighted[i]! += answer * mask[i]!;
      }
    },
    /** The map, and its standard error as a fraction of how much it varies: half of the distance between the maps of every other mask. */
    map(): { readonly map: Float64Array; readonly error: number } {
      const [even, odd] = halves;
      const map = mapOf(both(even, odd), masking);
      const [a, b] = [mapOf(even, masking), mapOf(odd, masking)];
      const middle = map.reduce((sum, value) => sum + value, 0) / size;
      const spread = norm(map.map((value) => value - middle));
      const isFlat = spread <= rounding * norm(map);
      return { map, error: isFlat ? 0 : norm(a.map((value, i) => value - b[i]!)) / 2 / spread };
    },
  };
}

function noSums(size: number): Sums {
  return { count: 0, masks: new Float64Array(size), weighted: new Float64Array(size) };
}

function both(a: Sums, b: Sums): Sums {
  const sum = (of: 'masks' | 'weighted') => a[of].map((value, i) => value + b[of][i]!);
  return { count: a.count + b.count, masks: sum('masks'), weighted: sum('weighted') };
}

/** A pixel that no mask shows has 0. */
function mapOf({ count, masks, weighted }: Sums, { divideBy, probability }: Masking): Float64Array {
  return weighted.map((value, i) => {
    const shown = divideBy === 'expected' ? count * probability : masks[i]!;
    return shown === 0 ? 0 : value / shown;
  });
}

function norm(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));
}
