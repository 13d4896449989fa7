import { expectFinite, expectShape, type NdArray, ndArray, StudyError } from '@espalier/core';
import { holeState, solveHoles } from './hole-solver.ts';
import { addHole, entryOf, factorise, type HoleSystem, holeSystem } from './hole-system.ts';

export interface Imputation {
  /** The image at each level, removed pixels imputed; axis `s` is the level. */
  readonly images: NdArray<'s h w c'>;
  /** Iterations of the solver at each level. */
  readonly iterations: readonly number[];
  /** Proved bound on the largest error of any value at each level, in the units of the image. */
  readonly errorBounds: readonly number[];
}

/** Imputes images of one size; holds the memory for it. */
export type Imputer = (image: NdArray<'h w c'>, order: ArrayLike<number>, counts: readonly number[]) => Imputation;

/**
 * Makes a function that removes pixels from an RGB image and fills them in linearly, at several levels at once.
 *
 * At level `s` the first `counts[s]` pixels of `order` (row-major indices) are removed; `counts` must not fall, so each
 * level starts from the one before. Each removed pixel is the weighted mean of its 8 neighbours (1/6 direct, 1/12 diagonal,
 * those outside the frame left out), other removed pixels included: one linear system per level, without noise.
 *
 * @param tolerance largest error of any value, in the units of the image; the solver proves it before it stops
 *
 * The function throws StudyError `shape-mismatch` for an image of another size, `values-not-finite`, and
 * `options-invalid` when counts fall or leave no pixel to impute from.
 * Source: Rong et al. (2022), A Consistent and Efficient Evaluation Strategy for Attribution Methods,
 * https://arxiv.org/abs/2202.00449; weights as in its code.
 */
export function linearImputer(height: number, width: number, tolerance = 1e-4): Imputer {
  const system = holeSystem(height, width);
  const state = holeState(system);
  return (image, order, counts) => {
    expectShape(image, [height, width, 3], 'the image to impute');
    expectFinite(image.data, 'the image to impute');
    expectCounts(counts, height * width);
    reset(system, state);
    place(system, image.data, state.values);
    const images = ndArray('s h w c', [counts.length, height, width, 3]);
    const solves = counts.map((count, level) => {
      for (let i = level === 0 ? 0 : counts[level - 1]!; i < count; i++) addHole(system, order[i]!);
      factorise(system);
      const solve = solveHoles(system, state, tolerance);
      take(system, state.values, images.data.subarray(level * image.data.length, (level + 1) * image.data.length));
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
    'options-invalid',
    `Imputing ${pixels} pixels needs counts of removed pixels that never fall and leave at least one pixel to impute ` +
      `from; found ${counts.join(', ')}. Remove less than 100 %, in rising order.`,
  );
}

function reset(system: HoleSystem, state: ReturnType<typeof holeState>): void {
  const { hole, inverse, later, distance, height, width } = system;
  for (const array of [hole, inverse, later, ...Object.values(state)]) array.fill(0);
  for (let i = 0; i < height * width; i++) distance[entryOf(system, i)] = 0;
}

function place({ width, height, stride }: HoleSystem, image: Float32Array, values: Float64Array): void {
  for (let y = 0; y < height; y++) {
    values.set(image.subarray(y * width * 3, (y + 1) * width * 3), ((y + 1) * stride + 1) * 3);
  }
}

function take({ width, height, stride }: HoleSystem, values: Float64Array, image: Float32Array): void {
  for (let y = 0; y < height; y++) {
    const start = ((y + 1) * stride + 1) * 3;
    image.set(values.subarray(start, start + width * 3), y * width * 3);
  }
}
