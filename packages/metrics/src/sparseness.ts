import { channelReductions, definePlugin, reduceChannels, rows } from '@espalier/core';
import * as z from 'zod';
import { gini } from './gini.ts';
import { expectFiniteMap, inputOf } from './inputs.ts';

// Quantus adds this to every value of a map that it has divided by its largest.
const quantusShift = 1e-7;

/** Gini index of the absolute attribution map of every image: how few pixels hold the attribution. */
export const sparseness = definePlugin({
  kind: 'metric',
  name: 'sparseness',
  cacheVersion: '1',
  source: {
    title: 'Chalasani et al. (2020), Concise Explanations of Neural Networks using Adversarial Training',
    url: 'https://arxiv.org/abs/1810.06583',
    departures: [
      'corrected: no 1e-7 is added, so the index does not depend on the scale of the map',
      'quantus-0.5.3: as Quantus computes it for one image per call; in a batch, Quantus divides by the largest value of the whole batch',
    ],
  },
  options: z.strictObject({
    preset: z.enum(['corrected', 'quantus-0.5.3']).default('corrected').describe('whose definition'),
    reduction: z
      .enum(channelReductions)
      .optional()
      .describe("how channels become one value per pixel; the attribution's own reduction if absent"),
  }),
  inputs: ['attributions'],
  create: ({ preset, reduction }, { log }) => ({
    async measure(inputs) {
      const attributions = inputOf(inputs, 'attributions', 'sparseness');
      const maps = reduceChannels(attributions, reduction);
      let flat = 0;
      const values = attributions.ids.map((id, i) => {
        const map = rows(maps, i, i + 1).data.map(Math.abs);
        expectFiniteMap(map, id, attributions);
        const most = map.reduce((largest, value) => Math.max(largest, value), 0);
        if (most === 0) flat++;
        if (preset === 'corrected') return gini(map);
        return gini(Float64Array.from(map, (value) => (most === 0 ? value : value / most) + quantusShift));
      });
      if (flat > 0) {
        log(
          `sparseness: ${flat} of ${values.length} maps of "${attributions.method}" are zero everywhere; they score 0.`,
        );
      }
      return [
        {
          metric: 'sparseness',
          preset: reduction === undefined ? preset : `${preset} (reduction=${reduction})`,
          direction: 'higher-is-better',
          range: [0, 1],
          sample: 'image',
          ids: attributions.ids,
          values,
          summary: 'mean',
        },
      ];
    },
  }),
});
