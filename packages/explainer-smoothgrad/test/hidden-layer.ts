import { readFileSync } from 'node:fs';
import { type Model, ndArray } from '@espalier/core';
import { toyModel } from '@espalier/core/testing';

interface Captum {
  readonly side: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** [2, side, side, 3] */
  readonly images: readonly number[];
  readonly kernel: readonly number[];
  readonly bias: readonly number[];
  readonly dense: readonly number[];
  readonly targets: readonly number[];
  /** [2, 5, side, side, 3], standard normal. */
  readonly noise: readonly number[];
  readonly smoothgrad: readonly number[];
  readonly smoothgrad_sq: readonly number[];
  readonly vargrad: readonly number[];
}

/** tools/reference/smoothgrad.py: NoiseTunnel of Captum 0.9.0 over its Saliency, on a network of one hidden layer. */
export const captum: Captum = JSON.parse(readFileSync(new URL('fixtures/captum.json', import.meta.url), 'utf8'));

/** logits = dense relu(kernel z + bias), z = (image - mean) / std; its gradient is per pixel value. */
export function hiddenLayer({ side, mean, std, kernel, bias, dense }: Captum): Model {
  const size = side * side * 3;
  return {
    ...toyModel(),
    input: { height: side, width: side, channels: 3, mean, std },
    inputGradient: async ({ data, shape }, classIndex) => {
      const gradient = new Float32Array(data.length);
      for (const [n, k] of classIndex.entries())
        for (const [unit, shift] of bias.entries()) {
          const weights = kernel.slice(unit * size, (unit + 1) * size);
          const z = weights.map((_, i) => (data[n * size + i]! - mean[i % 3]!) / std[i % 3]!);
          if (weights.reduce((sum, weight, i) => sum + weight * z[i]!, shift) <= 0) continue;
          for (const [i, weight] of weights.entries())
            gradient[n * size + i]! += (dense[k * bias.length + unit]! * weight) / std[i % 3]!;
        }
      return ndArray('n h w c', shape, gradient);
    },
  };
}
