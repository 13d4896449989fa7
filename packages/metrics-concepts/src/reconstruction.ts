import { apartFindings, defineMetric } from '@espalier/core';
import { mean } from '@espalier/numerics';
import * as z from 'zod';
import { againstNull } from './against-null.ts';
import { eachRebuiltImage } from './bank-images.ts';

/**
 * How much of a layer's activations the concepts rebuild, image by image.
 * @example "scores": { "use": "quality/reconstruction", "in": { "model": …, "images": …, "concepts": … } }
 */
export const reconstruction = defineMetric({
  name: 'reconstruction',
  cacheVersion: '4',
  usesSeed: false,
  source: {
    title:
      'Fel et al. (2023), A Holistic Approach to Unifying Automatic Concept Extraction and Concept Importance Estimation',
    url: 'https://arxiv.org/abs/2306.07304',
    departures: [
      'error and R2 of every image by itself, without the 1e-6 that is added to the norm',
      "R2 is against the image's own mean activation",
    ],
  },
  options: z.strictObject({}),
  inputs: ['model', 'images', 'concepts'],
  optionalInputs: ['nullConcepts'],
  needsBanks: { rebuilds: true },
  check: (_, known) => apartFindings(known),
  create: (_, services) => ({
    async measure(inputs) {
      const ids: string[] = [];
      const sharedFits: string[] = [];
      const errors = { values: [] as number[], nullValues: [] as number[] };
      const r2 = { values: [] as number[], nullValues: [] as number[] };
      const omitted = await eachRebuiltImage(inputs, 'reconstruction', async (image) => {
        services.signal.throwIfAborted();
        const data = image.places;
        ids.push(image.id);
        sharedFits.push(image.fit);
        errors.values.push(relativeError(data, image.rebuilt));
        r2.values.push(shareExplained(data, image.rebuilt));
        if (image.rebuiltByNull.length === 0) return;
        errors.nullValues.push(mean(image.rebuiltByNull.map((draw) => relativeError(data, draw))));
        r2.nullValues.push(mean(image.rebuiltByNull.map((draw) => shareExplained(data, draw))));
      });
      const common = { sample: 'image', ids, sharedFits, ...omitted } as const;
      const known = inputs.nullConcepts !== undefined;
      const parts = ({ values, nullValues }: typeof errors) => ({ values, ...(known && { nullValues }) });
      return [
        ...againstNull({
          ...{ ...common, ...parts(errors), metric: 'concept-reconstruction-error', role: 'companion' },
          words: { name: 'Reconstruction error', meaning: 'Relative to the norm of the activations.' },
          ...{ direction: 'lower-is-better', range: [0, null] },
        }),
        ...againstNull({
          ...{ ...common, ...parts(r2), metric: 'concept-reconstruction-r2' },
          words: { name: 'Reconstruction R²', meaning: 'Share of the variance around the image’s mean activation.' },
          ...{ direction: 'higher-is-better', range: [null, 1] },
        }),
      ];
    },
  }),
});

/** |A - UW| / |A|, Euclidean; 0 when A is zero, which every dictionary rebuilds. */
export function relativeError(activations: Float32Array, rebuilt: Float32Array): number {
  const all = squaredDistance(activations, () => 0);
  return all === 0 ? 0 : Math.sqrt(squaredDistance(activations, (i) => rebuilt[i]!) / all);
}

/** R2 = 1 - |A - UW|^2 / |A - mean A|^2; where A is constant, 1 if it is rebuilt exactly and else 0. */
export function shareExplained(activations: Float32Array, rebuilt: Float32Array): number {
  const middle = mean(activations);
  const varied = squaredDistance(activations, () => middle);
  const missed = squaredDistance(activations, (i) => rebuilt[i]!);
  return varied === 0 ? Number(missed === 0) : 1 - missed / varied;
}

function squaredDistance(values: Float32Array, to: (i: number) => number): number {
  return values.reduce((sum, value, i) => sum + (value - to(i)) ** 2, 0);
}
