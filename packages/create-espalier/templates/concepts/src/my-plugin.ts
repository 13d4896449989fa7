import { definePlugin, imagesIn, ndArray, placesOfLayer, readLayerNamed } from '@espalier/core';
import * as z from 'zod';

/**
 * Say in one sentence what a concept of my-plugin is.
 *
 * @example "concepts": { "use": "mine/my-plugin", "in": { "model": …, "images": { "$from": "data.val" } } }
 */
export const myPlugin = definePlugin({
  kind: 'concepts',
  name: 'my-plugin',
  title: 'My plugin',
  cacheVersion: '1',
  usesSeed: false,
  source: { title: 'Authors (year), Title of the paper', url: 'https://example.org/the-paper', departures: [] },
  options: z.strictObject({
    concepts: z.int().min(1).max(100).default(8).describe('concepts of each class, at most'),
    layer: z.string().min(1).nullable().default(null).describe('layer that is looked at; null takes the last'),
  }),
  needs: ({ layer }) => ({ layers: [{ path: ['layer'], name: layer, demand: 'read' }] }),
  passes: (_, { images }) => ({ forward: imagesIn(images) }),
  create: ({ concepts, layer }) => ({
    async extract(model, { ids, images, classIndex }) {
      const info = readLayerNamed(model.layers, layer);
      const { height, width, leading } = placesOfLayer(info); // of tokens, the leading ones have no place on the image
      const [places, size] = [height * width, info.features];
      const activations = await model.activations(images, info.name);
      const strength = (n: number, place: number, feature: number) =>
        Math.max(0, activations.data[(n * (leading + places) + leading + place) * size + feature]!);
      const sums = new Float64Array(size);
      let [total, kept] = [0, 0];
      forEach([ids.length, places, size], (n, place, feature) => {
        sums[feature]! += strength(n, place, feature);
        total += strength(n, place, feature) ** 2;
      });
      const chosen = strongest(sums, concepts);
      const maps = ndArray('n h w r', [ids.length, height, width, chosen.length]);
      const codes = ndArray('p r', [ids.length, chosen.length]); // crops are whole images: their code is the mean of a map
      forEach([ids.length, places, chosen.length], (n, place, r) => {
        maps.data[(n * places + place) * chosen.length + r] = strength(n, place, chosen[r]!);
        codes.data[n * chosen.length + r]! += strength(n, place, chosen[r]!) / places;
        kept += strength(n, place, chosen[r]!) ** 2;
      });
      const dictionary = ndArray('r d', [chosen.length, size]);
      for (const [r, feature] of chosen.entries()) dictionary.data[r * size + feature] = 1;
      return {
        ...{ classIndex, layer: info.name, ids, dictionary, codes, maps, children: [] },
        crops: ids.map((_, image) => ({
          image,
          top: 0,
          left: 0,
          size: Math.min(model.input.height, model.input.width),
        })),
        ...{ importance: ndArray('n r', [0, chosen.length]), importanceError: ndArray('n r', [0, chosen.length]) }, // not measured
        reconstructionError: total === 0 ? 0 : Math.sqrt(Math.max(0, total - kept) / total),
        factorisation: { iterations: 0, stop: 'converged' },
      };
    },
  }),
});

/** Features by their sum, the largest first; ties go to the lower index. */
export function strongest(sums: Float64Array, count: number): readonly number[] {
  return [...sums.keys()].sort((a, b) => sums[b]! - sums[a]! || a - b).slice(0, count);
}

function forEach([n, p, d]: readonly [number, number, number], visit: (n: number, p: number, d: number) => void): void {
  for (let i = 0; i < n; i++) for (let j = 0; j < p; j++) for (let k = 0; k < d; k++) visit(i, j, k);
}
