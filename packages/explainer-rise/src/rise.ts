import {
  answersAbout,
  baselineOption,
  definePlugin,
  type InForce,
  imagesIn,
  imagesPerCallOption,
  type Model,
  type Presets,
  pixelMaps,
  type RandomStream,
  sampleStreams,
  unlabelledPerCall,
} from '@espalier/core';
import { baselineImage } from '@espalier/images';
import { probability as probabilityOf } from '@espalier/numerics';
import * as z from 'zod';
import { drawnCells, maskOf } from './masks.ts';
import { weightedMasks } from './weighted-masks.ts';

const options = z.strictObject({
  preset: z
    .enum(['corrected', 'petsiuk-2018'])
    .default('corrected')
    .describe('whose masks, where `masks` and `divideBy` say nothing: 1000, or 8000 as the source takes for ResNet-50'),
  masks: z.int().min(4).max(100_000).optional().describe("random masks of each image; the preset's if absent"),
  divideBy: z
    .enum(['expected', 'drawn'])
    .optional()
    .describe(
      "a pixel's sum of answers is divided by what masks let through on average, or by what its own masks did; the preset's if absent",
    ),
  grid: z.int().min(2).max(64).default(7).describe('cells along each side of a mask'),
  probability: z.number().min(0.01).max(0.99).default(0.5).describe('how likely a cell is kept'),
  baseline: baselineOption,
  imagesPerCall: imagesPerCallOption,
});

const presets = {
  corrected: { masks: 1000, divideBy: 'drawn' },
  'petsiuk-2018': { masks: 8000, divideBy: 'expected' },
} satisfies Presets<z.output<typeof options>>;

type Options = InForce<z.output<typeof options>, typeof presets>;

/**
 * RISE: the mean of random masks, weighted by how probable the class is of the image behind each.
 *
 * The diagnostic `error` is the standard error of each map, as a fraction of how much the map varies.
 * @example "maps": { "use": "rise/rise", "with": { "masks": 1000 }, "in": { "model": …, "images": { "$from": "data.eval" } } }
 */
export const rise = definePlugin({
  kind: 'explainer',
  name: 'rise',
  title: 'RISE',
  cacheVersion: '1',
  usesSeed: 'paired',
  source: {
    title: 'Petsiuk et al. (2018), RISE: Randomized Input Sampling for Explanation of Black-box Models',
    url: 'https://arxiv.org/abs/1806.07421',
    departures: [
      'every image draws masks of its own by its id, the same in all arms; the released code takes one set for all',
      'corrected: a pixel is divided by what its own masks let through (as Xplique does), which takes out how often it happened to be shown',
    ],
  },
  options,
  diagnostics: { error: 'standard error of the map over its masks, as a fraction of how much the map varies' },
  presets,
  unlabelled: unlabelledPerCall,
  passes({ masks }, { images }) {
    const count = imagesIn(images);
    return count === undefined ? undefined : { forward: count * masks };
  },
  create: (asked, services) => ({
    reduction: 'sum',
    async explain(model, images, classIndex, told, ids) {
      const streams = sampleStreams(services.pairedSeed, ids, classIndex.length, 'rise');
      const error: number[] = [];
      const values = await pixelMaps(
        { model, images, classIndex, told, what: 'RISE' },
        services,
        async (image, n, hear) => {
          const one = { image, classIndex: classIndex[n]!, id: ids![n]! }; // streams are by id
          const found = await riseMap(model, one, asked, streams[n]!, hear);
          error.push(found.error);
          return found.map;
        },
      );
      return { values, diagnostics: { error } };
    },
  }),
});

async function riseMap(
  model: Model,
  { image, classIndex, id }: { readonly image: Float32Array; readonly classIndex: number; readonly id: string },
  { masks, grid, probability, baseline, divideBy, imagesPerCall }: Options,
  stream: RandomStream,
  told: (part: number) => void,
) {
  const { input } = model;
  const nothing = baselineImage(image, input, baseline);
  const gathered = weightedMasks(input.height * input.width, { divideBy, probability });
  const waiting: Float32Array[] = []; // masks of the images that are asked about at once
  const version = () => {
    const mask = maskOf(drawnCells(grid, probability, input, stream), input);
    waiting.push(mask);
    return image.map((value, i) => {
      const kept = mask[Math.floor(i / input.channels)]!;
      return kept * value + (1 - kept) * nothing[i]!;
    });
  };
  await answersAbout(model, { count: masks, version, imagesPerCall, what: `"${id}", masked`, told }, (logits) => {
    const answer = probabilityOf(logits, classIndex);
    gathered.add(waiting.shift()!, answer);
    return answer;
  });
  return gathered.map();
}
