import { defineMetric } from '@espalier/core';
import type { Bars } from './agreement.ts';
import { measureMprt } from './measure-mprt.ts';
import { mprtOptions, mprtPresets } from './mprt-options.ts';

/**
 * Of networks that are random throughout: what two of them, which learned nothing, agree by (ResNet-18 on ImageNette: 0.47 by gradients and
 * 0.36 by integrated gradients, in absolute ranks; 0.00 in signed ones), rounded up. While some layers are as trained there is no such
 * floor: maps then agree by what is left, however good the explainer (Binder et al. 2023).
 */
const bars: Bars = { rank: 0.5, 'signed-rank': 0.1 };

/**
 * Model parameter randomisation test: how much of an explanation is left when what the network learned is not.
 *
 * Returns, for each way to compare, how alike the map of the unchanged model and those of the randomised ones are, per
 * image: `mprt-top-down` (ranks of absolute values), `mprt-top-down-signed` (ranks of signed values), `mprt-top-down-ssim`;
 * the curve over the layers comes with it. An explanation that depends on the network scores near 0.
 * @example "scores": { "use": "metrics/mprt", "in": { "model": …, "images": …, "explainer": … } }
 */
export const mprt = defineMetric({
  name: 'mprt',
  cacheVersion: '4',
  usesSeed: false,
  source: {
    title: 'Adebayo et al. (2018), Sanity Checks for Saliency Maps',
    url: 'https://arxiv.org/abs/1810.03292',
    departures: [
      'corrected: a layer is a stage of the network with its normalisation, unless `depth` asks for finer ones',
      'corrected: the mean over the layers leaves the unchanged model out; Quantus counts it, a correlation of 1',
      'corrected: every parameter is drawn by itself, by the rule of its architecture; Quantus seeds its generator anew for every layer',
      'corrected: ten random networks, the same for all models, and a value for each; masks are permuted within the layers that are random',
      'quantus-0.5.3: one random network without masks, since Quantus resets all weights of a layer',
      'a map of a randomised model that is constant agrees by 0; images whose own map is constant are left out and counted',
    ],
  },
  options: mprtOptions,
  presets: mprtPresets,
  inputs: ['model', 'images', 'explainer'],
  needs: () => ({ abilities: ['withWeights'] }),
  create: (options, services) => ({
    measure: (inputs) =>
      measureMprt(inputs, options, services, {
        metric: 'mprt',
        name: 'Random layers',
        meaning:
          'How much of a map is left when layers of the network are random: near 0 where it depends on what was learned.',
        bars,
      }),
  }),
});
