// As Wang et al. chose them.
const [k1, k2] = [0.01, 0.03];

/** A map of `height` x `width` values, and the sides of the window that it is compared by. */
export interface WindowedMap {
  readonly height: number;
  readonly width: number;
  readonly windowHeight: number;
  readonly windowWidth: number;
}

/**
 * Mean structural similarity of two maps, in [-1, 1]: 1 for equal maps. Windows are uniform, lie wholly inside, and
 * have sample covariances (divided by one less than their size), as in skimage.metrics.structural_similarity.
 * Null where both maps are one and the same constant.
 *
 * @param range largest minus smallest value that the maps can take; by default what they take together
 *
 * Source: Wang et al. (2004), "Image Quality Assessment: From Error Visibility to Structural Similarity".
 * @param a `[height, width]`, row-major, and `b` likewise
 */
export function structuralSimilarity(
  a: Float32Array,
  b: Float32Array,
  { height, width, windowHeight, windowWidth }: WindowedMap,
): number | null {
  const range = rangeOf(a, b);
  if (range === 0) return null;
  const [c1, c2] = [(k1 * range) ** 2, (k2 * range) ** 2];
  let [total, count] = [0, 0];
  for (let top = 0; top + windowHeight <= height; top++)
    for (let left = 0; left + windowWidth <= width; left++) {
      const sums = { a: 0, b: 0, aa: 0, bb: 0, ab: 0 };
      for (let y = top; y < top + windowHeight; y++)
        for (let x = left; x < left + windowWidth; x++) {
          const [p, q] = [a[y * width + x]!, b[y * width + x]!];
          sums.a += p;
          sums.b += q;
          sums.aa += p * p;
          sums.bb += q * q;
          sums.ab += p * q;
        }
      total += similarityOf(sums, windowHeight * windowWidth, c1, c2);
      count++;
    }
  return total / count;
}

type Sums = Readonly<Record<'a' | 'b' | 'aa' | 'bb' | 'ab', number>>;

function similarityOf(sums: Sums, size: number, c1: number, c2: number): number {
  const [meanA, meanB] = [sums.a / size, sums.b / size];
  const covariance = (product: number, first: number, second: number) =>
    (size / (size - 1)) * (product / size - first * second);
  const [varianceA, varianceB] = [covariance(sums.aa, meanA, meanA), covariance(sums.bb, meanB, meanB)];
  const brightness = (2 * meanA * meanB + c1) / (meanA ** 2 + meanB ** 2 + c1);
  return (brightness * (2 * covariance(sums.ab, meanA, meanB) + c2)) / (varianceA + varianceB + c2);
}

function rangeOf(...maps: readonly Float32Array[]): number {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const map of maps)
    for (const value of map) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  return most - least;
}
