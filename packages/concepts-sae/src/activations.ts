import type { Matrix } from '@espalier/concept-activations';
import type { SparseCodes } from './autoencoder.ts';

/**
 * The `k` largest positive latents of every row (TopK, Makhzani & Frey 2013; Gao et al. 2024); of equal ones those that come first.
 *
 * @param isAllowed latents that may stay; absent: all
 */
export function topK(before: Matrix, k: number, isAllowed?: Uint8Array): SparseCodes {
  return keep(before, (row) => {
    const chosen: number[] = [];
    for (let latent = 0; latent < row.length; latent++) {
      const value = row[latent]!;
      if (value <= 0 || isAllowed?.[latent] === 0) continue;
      if (chosen.length === k && value <= row[chosen[k - 1]!]!) continue;
      let at = Math.min(chosen.length, k - 1);
      for (; at > 0 && row[chosen[at - 1]!]! < value; at--) chosen[at] = chosen[at - 1]!;
      chosen[at] = latent;
    }
    return chosen.sort((a, b) => a - b);
  });
}

/** The latents of every row that are positive and at least `threshold`. */
export function above(before: Matrix, threshold: number): SparseCodes {
  return keep(before, (row) => [...row.keys()].filter((latent) => row[latent]! > 0 && row[latent]! >= threshold));
}

/** The smallest of the `k` n largest positive latents of all n rows together (BatchTopK, Bussmann et al. 2024); 0 where none is positive. */
export function batchThreshold({ rows, data }: Matrix, k: number): number {
  const positive = data.filter((value) => value > 0).sort();
  return positive.at(-Math.min(positive.length, k * rows)) ?? 0;
}

function keep({ rows, columns, data }: Matrix, latentsOf: (row: Float64Array) => readonly number[]): SparseCodes {
  const starts = new Int32Array(rows + 1);
  const [latents, values]: [number[], number[]] = [[], []];
  for (let n = 0; n < rows; n++) {
    const row = data.subarray(n * columns, (n + 1) * columns);
    for (const latent of latentsOf(row)) {
      latents.push(latent);
      values.push(row[latent]!);
    }
    starts[n + 1] = latents.length;
  }
  return { starts, latents: Int32Array.from(latents), values: Float64Array.from(values) };
}
