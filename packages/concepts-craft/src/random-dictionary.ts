import {
  conceptBank,
  cropPasses,
  gridOfCrops,
  type Matrix,
  maxConcepts,
  part,
  placesOfPart,
  sideOf,
  zeros,
} from '@espalier/concept-activations';
import { definePlugin, expectFinite, expectShape, type RandomStream, randomStream, StudyError } from '@espalier/core';
import * as z from 'zod';
import { nonNegativeDictionary } from './non-negative-dictionary.ts';
import { layersByLevel } from './recursion.ts';

const options = z.strictObject({
  concepts: z.int().min(1).max(maxConcepts).default(10).describe(`directions per class, at most ${maxConcepts}`),
  layer: z.string().min(1).nullable().default(null).describe('layer of the directions; null takes the last'),
  patch: z
    .number()
    .positive()
    .max(1)
    .default(2 / 7)
    .describe('side of a crop as a fraction of the shorter side of an image, as in CRAFT'),
  part: part.describe(
    'images whose activations scale the directions, as those that CRAFT learns from: the others are scored',
  ),
});

/** Why a part of so many images has no image to scale directions by; undefined where it has. */
function emptyPart(asked: z.output<typeof part>, images: number): string | undefined {
  if (placesOfPart(asked, images).length > 0) return undefined;
  return `The random dictionary is scaled by the ${asked} part of the images, found none in ${images} images. Give more images, or another \`part\`.`;
}

/**
 * Directions that nothing was learned for: what concepts must be better than.
 * @example "nullConcepts": { "use": "craft/random-dictionary", "in": { "model": …, "images": { "$from": "data.val" } } }
 */
export const randomDictionary = definePlugin({
  kind: 'concepts',
  name: 'random-dictionary',
  title: 'Random directions',
  cacheVersion: '5',
  source: {
    title: 'Null model for Fel et al. (2023), CRAFT: random non-negative directions in place of the factorisation',
    url: 'https://arxiv.org/abs/2211.10154',
    departures: [
      "each feature of a direction is half-normal, scaled by the feature's mean over crops: as strong as in a crop, but together with any other; of negative activations so is the negative part, by itself",
    ],
  },
  options,
  needs: ({ layer }) => ({ layers: [{ path: ['layer'], name: layer, demand: 'read' }] }),
  check({ part: asked }, { images }) {
    const text = images?.mostPerClass?.map((count) => emptyPart(asked, count)).find((found) => found !== undefined);
    return text === undefined ? [] : [{ path: ['part'], text }];
  },
  passes: ({ patch }, { images }) => cropPasses(patch, images),
  create: ({ concepts, layer, patch, part: asked }, services) => ({
    async extract(model, images, told = () => {}) {
      const { height, width, channels } = model.input;
      expectShape(images.images, [images.ids.length, height, width, channels], 'images for the random dictionary');
      expectFinite(images.images.data, 'images for the random dictionary');
      const problem = emptyPart(asked, images.ids.length);
      if (problem !== undefined) throw new StudyError('core/options-invalid', problem);
      const [chosen] = layersByLevel(model, { layer, layers: [], depth: 0 });
      const stream = randomStream(services.seed, 'random-dictionary', images.classIndex);
      return conceptBank(
        {
          ...{ model, images, layer: chosen!, measure: null, told }, // there is a layer for each level
          learnedFrom: placesOfPart(asked, images.ids.length),
          crops: gridOfCrops(images.images, sideOf(patch, model)),
          learn: (from) =>
            nonNegativeDictionary(from, (activations) => ({
              directions: randomDirections(activations, concepts, stream),
              ...{ iterations: 0, stop: 'converged' },
            })),
        },
        services,
      );
    },
  }),
});

/**
 * Half-normal directions, each feature scaled by its mean over the rows of A.
 *
 * @param A p d, non-negative
 * @returns d r: one column per direction
 */
export function randomDirections({ rows, columns, data }: Matrix, rank: number, stream: RandomStream): Matrix {
  const directions = zeros(columns, rank);
  const means = new Float64Array(columns);
  data.forEach((value, i) => {
    means[i % columns]! += value / rows;
  });
  for (let i = 0; i < directions.data.length; i++) {
    directions.data[i] = Math.abs(stream.normal()) * means[Math.floor(i / rank)]!;
  }
  return directions;
}
