import { definePlugin, imagesIn, type NdArray, ndArray, placesOfLayer, readLayerNamed } from '@espalier/core';
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
  source: {
    title: 'Authors (year), Title of the paper that defines my-plugin',
    url: 'https://example.org/the-paper',
    departures: ['say here where this code departs from the paper'],
  },
  options: z.strictObject({
    concepts: z
      .int()
      .min(1)
      .max(100)
      .default(8)
      .describe('concepts of each class, at most: a layer has no more than its features'),
    layer: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('layer whose features are looked at; null takes the last'),
  }),
  needs: ({ layer }) => ({ layers: [{ path: ['layer'], name: layer, demand: 'read' }] }),
  passes: (_, { images }) => ({ forward: imagesIn(images) }),
  create: ({ concepts, layer }) => ({
    async extract(model, { ids, images, classIndex }) {
      const info = readLayerNamed(model.layers, layer);
      const strengths = positiveParts(await model.activations(images, info.name), placesOfLayer(info));
      const chosen = strongest(strengths, concepts);
      const maps = features(strengths, chosen);
      const [count, rank, size] = [ids.length, chosen.length, Math.min(model.input.height, model.input.width)];
      const codes = ndArray('p r', [count, rank]);
      const places = maps.data.length / (count * rank);
      maps.data.forEach((value, i) => {
        codes.data[Math.floor(i / (places * rank)) * rank + (i % rank)]! += value / places;
      });
      const dictionary = ndArray('r d', [rank, info.features]);
      chosen.forEach((feature, r) => {
        dictionary.data[r * info.features + feature] = 1;
      });
      return {
        ...{ classIndex, layer: info.name, ids, dictionary, codes, maps },
        crops: ids.map((_, image) => ({ image, top: 0, left: 0, size })), // codes are of whole images
        importance: ndArray('n r', [0, rank]), // not measured
        importanceError: ndArray('n r', [0, rank]),
        reconstructionError: restOf(strengths, maps),
        factorisation: { iterations: 0, stop: 'converged' },
        children: [],
      };
    },
  }),
});

/** The positive part of activations, at the places of the image: of tokens, those without a place are left out. */
function positiveParts(
  { data, shape }: NdArray<'n h w d'>,
  { height, width, leading }: { readonly height: number; readonly width: number; readonly leading: number },
): NdArray<'n h w d'> {
  const [count, size] = [shape[0]!, shape[3]!];
  const perImage = height * width * size;
  const all = ndArray('n h w d', [count, height, width, size]);
  const from = (i: number) => i + (Math.floor(i / perImage) + 1) * leading * size;
  return { ...all, data: all.data.map((_, i) => Math.max(0, data[from(i)]!)) };
}

/** Features by their sum over all places, the largest first; ties go to the lower index. */
export function strongest({ data, shape }: NdArray<'n h w d'>, count: number): readonly number[] {
  const sums = new Float64Array(shape[3]!);
  data.forEach((value, i) => {
    sums[i % sums.length]! += value;
  });
  return [...sums.keys()].sort((a, b) => sums[b]! - sums[a]! || a - b).slice(0, count);
}

/** The values of some features at every place. */
function features({ data, shape }: NdArray<'n h w d'>, chosen: readonly number[]): NdArray<'n h w r'> {
  const maps = ndArray('n h w r', [...shape.slice(0, 3), chosen.length]);
  const [rank, size] = [chosen.length, shape[3]!];
  return { ...maps, data: maps.data.map((_, i) => data[Math.floor(i / rank) * size + chosen[i % rank]!]!) };
}

/** How much of `strengths` is in no map: a Frobenius norm over another. */
function restOf({ data: strengths }: NdArray, { data: kept }: NdArray): number {
  const squares = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0);
  const all = squares(strengths);
  return all === 0 ? 0 : Math.sqrt(Math.max(0, all - squares(kept)) / all);
}
