import { expectFinite, expectShape, type NdArray, ndArray, StudyError } from '@espalier/core';
import { solveHoles } from './hole-solver.ts';
import { HoleSystem } from './hole-system.ts';

/** One image at rising levels of removal, and how near each solution is. */
export interface Imputation {
  /** The image at each level, removed pixels imputed; axis `s` is the level. */
  readonly images: NdArray<'s h w c'>;
  /** Iterations of the solver at each level. */
  readonly iterations: readonly number[];
  /** Proved bound on the largest error of any value at each level, in the units of the image. */
  readonly errorBounds: readonly number[];
}

/** Imputes images of one size; holds the memory for it. */
export type Imputer = (image: NdArray<'h w c'>, order: Uint32Array, counts: readonly number[]) => Imputation;

/**
 * Makes a function that removes pixels from an RGB image and fills them in linearly, at several levels at once.
 *
 * At level `s` the first `counts[s]` pixels of `order` (row-major indices) are removed; `counts` must not fall, so each
 * level starts from the one before. Each removed pixel is the weighted mean of its neighbours N inside the frame, other removed
 * pixels included, with the weights w = 1/6 to the 4 direct ones and 1/12 to the 4 diagonal ones. For every channel x:
 *
 *     sum over j in N(i) of w[i, j] (x[i] - x[j]) = 0       for each removed pixel i
 *
 * which is A x = b with A[i, i] = sum of w[i, j] over N(i), A[i, j] = -w[i, j] for removed j, and b[i] = sum of w[i, j] x[j] over
 * known j. The slow form writes A down and eliminates: `test/dense-imputation.ts`. Here it is never written down: `HoleSystem`
 * applies it, `solveHoles` solves by conjugate gradients. Noise is added elsewhere.
 *
 * @param tolerance largest error of any value, in the units of the image; the solver proves it before it stops
 *
 * The function throws StudyError `core/shape-mismatch` for an image of another size, `core/values-not-finite`, and
 * `core/options-invalid` when counts fall or leave no pixel to impute from.
 * Source: Rong et al. (2022), A Consistent and Efficient Evaluation Strategy for Attribution Methods,
 * https://arxiv.org/abs/2202.00449; weights as in its code.
 */
export function linearImputer(height: number, width: number, tolerance = 1e-4): Imputer {
  const system = new HoleSystem(height, width);
  return (image, order, counts) => {
    expectShape(image, [height, width, 3], 'the image to impute');
    expectFinite(image.data, 'the image to impute');
    expectCounts(counts, height * width);
    system.clear();
    place(image.data, system);
    const size = image.data.length;
    const images = ndArray('s h w c', [counts.length, height, width, 3]);
    const solves = counts.map((count, level) => {
      system.addHoles(order.subarray(counts[level - 1] ?? 0, count));
      const solve = solveHoles(system, tolerance);
      take(system, images.data.subarray(level * size, (level + 1) * size));
      return solve;
    });
    return {
      images,
      iterations: solves.map(({ iterations }) => iterations),
      errorBounds: solves.map(({ errorBound }) => errorBound),
    };
  };
}

function expectCounts(counts: readonly number[], pixels: number): void {
  const fits = counts.every((count, i) => Number.isInteger(count) && count >= (counts[i - 1] ?? 0) && count < pixels);
  if (fits) return;
  throw new StudyError(
    'core/options-invalid',
    `Imputing ${pixels} pixels needs counts of removed pixels that never fall and leave at least one pixel to impute ` +
      `from; found ${counts.join(', ')}. Remove less than 100 %, in rising order.`,
  );
}

function place(image: Float32Array, system: HoleSystem): void {
  const { height, width, memory } = system;
  let pixel = 0;
  for (let y = 0; y < height; y++) {
    for (let at = 4 * system.entryOf(y, 0); at < 4 * system.entryOf(y, width); at += 4) {
      for (let c = 0; c < 3; c++) memory.values[at + c] = image[pixel++]!;
    }
  }
}

function take(system: HoleSystem, image: Float32Array): void {
  const { height, width, memory } = system;
  let pixel = 0;
  for (let y = 0; y < height; y++) {
    for (let at = 4 * system.entryOf(y, 0); at < 4 * system.entryOf(y, width); at += 4) {
      for (let c = 0; c < 3; c++) image[pixel++] = memory.values[at + c]!;
    }
  }
}
