import {
  type Attributions,
  type ChannelReduction,
  channelReductions,
  channelReductionWords,
  defineMetric,
  type NdArray,
  readingOption,
  reduceChannels,
  rows,
} from '@espalier/core';
import * as z from 'zod';
import { gini } from './gini.ts';
import { expectFiniteMap } from './inputs.ts';

// Quantus adds this to every value of a map that it has divided by its largest.
const quantusShift = 1e-7;

/**
 * Gini index of the absolute attribution map of every image: how few pixels hold the attribution.
 *
 * Comes with the same index under every other channel reduction.
 * @example "scores": { "use": "metrics/sparseness", "in": { "attributions": … } }
 */
export const sparseness = defineMetric({
  name: 'sparseness',
  cacheVersion: '3',
  usesSeed: false,
  source: {
    title: 'Chalasani et al. (2020), Concise Explanations of Neural Networks using Adversarial Training',
    url: 'https://arxiv.org/abs/1810.06583',
    departures: [
      'corrected: no 1e-7 is added, so the index does not depend on the scale of the map',
      'quantus-0.5.3: as Quantus computes it for one image per call; in a batch, Quantus divides by the largest value of the whole batch',
    ],
  },
  options: z.strictObject({
    preset: z
      .enum(['corrected', 'quantus-0.5.3'])
      .default('corrected')
      .describe('whose definition, where `shift` says nothing'),
    shift: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe(
        "added to every value after dividing by the largest of the image; 0 takes maps as they are; the preset's if absent",
      ),
    reduction: readingOption,
  }),
  presets: { corrected: { shift: 0 }, 'quantus-0.5.3': { shift: quantusShift } },
  inputs: ['attributions'],
  create: ({ shift, reduction }, { log }) => ({
    async measure({ attributions }) {
      const { ids, method } = attributions;
      const chosen = reduction ?? attributions.reduction;
      const maps = reduceChannels(attributions, chosen);
      const values = ginis(maps, shift, attributions);
      const flat = flatCount(maps);
      if (flat > 0) {
        log(`sparseness: ${flat} of ${values.length} maps of "${method}" are zero everywhere; they score 0.`);
      }
      return [
        {
          metric: 'sparseness',
          words: {
            name: 'Gini index',
            meaning: '0 when every pixel of a map has the same weight, near 1 when a few pixels hold all of it.',
          },
          aspect: 'sparseness',
          role: 'primary',
          settings: { reduction: chosen },
          direction: 'higher-is-better',
          range: [0, 1],
          sample: 'image',
          ids,
          values,
          definitions: otherReductions(chosen).map((other) => ({
            name: channelReductionWords[other],
            settings: { reduction: other },
            values: ginis(reduceChannels(attributions, other), shift, attributions),
          })),
          summary: 'mean',
        },
      ];
    },
  }),
});

function ginis(maps: NdArray<'n h w'>, shift: number, attributions: Attributions): number[] {
  return attributions.ids.map((id, i) => {
    const map = rows(maps, i, i + 1).data.map(Math.abs);
    expectFiniteMap(map, id, attributions);
    if (shift === 0) return gini(map);
    const most = map.reduce((largest, value) => Math.max(largest, value), 0);
    return gini(new Float64Array(map).map((value) => (most === 0 ? value : value / most) + shift)); // faster than `from` with a function
  });
}

/** The reductions that give another index: of absolute maps, `sum` and `abs-sum` are one. */
function otherReductions(chosen: ChannelReduction): ChannelReduction[] {
  const same = (reduction: ChannelReduction) => (reduction === 'abs-sum' ? 'sum' : reduction);
  return channelReductions.filter((other) => other !== 'abs-sum' && other !== same(chosen));
}

function flatCount(maps: NdArray<'n h w'>): number {
  const samples = [...Array(maps.shape[0]!).keys()];
  return samples.filter((i) => rows(maps, i, i + 1).data.every((value) => value === 0)).length;
}
