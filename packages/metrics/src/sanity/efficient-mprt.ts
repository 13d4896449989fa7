import {
  defineMetric,
  type Given,
  type InForce,
  type Measurement,
  omitted,
  type Presets,
  reduceChannels,
  type Services,
} from '@espalier/core';
import { mean } from '@espalier/numerics';
import * as z from 'zod';
import { sanityScore } from './agreement.ts';
import { chooseImages } from './chosen-images.ts';
import { mapAt } from './comparison.ts';
import { inBatches } from './explain-again.ts';
import { histogramEntropy } from './histogram-entropy.ts';
import { layerGroups } from './layer-groups.ts';
import { mprtShape } from './mprt-options.ts';
import { randomisationOf, randomisedModels } from './randomised-models.ts';

const { preset, weights, masks, imagesPerClass, draws, seed } = mprtShape;
const options = z.strictObject({
  ...{ preset, weights, masks, imagesPerClass, draws, seed },
  bins: z.int().min(2).max(10_000).default(100).describe('bins of the histogram that the entropy of a map is of'),
});

const presets = {
  corrected: { weights: 'initial', masks: 'permuted', draws: 10, seed: 0 },
  'quantus-0.5.3': { weights: 'torch-reset', masks: 'none', draws: 1, seed: 42 },
} satisfies Presets<z.output<typeof options>>;

type Options = InForce<z.output<typeof options>, typeof presets>;

/**
 * Efficient MPRT: by how much of its own the entropy of a map rises when the whole network is random. Two networks are explained, and nothing
 * is compared pixel by pixel.
 *
 * Returns `efficient-mprt` per image: above 0 where maps of random networks are more complex, as they should be.
 * @example "scores": { "use": "metrics/efficient-mprt", "in": { "model": …, "images": …, "explainer": … } }
 */
export const efficientMprt = defineMetric({
  name: 'efficient-mprt',
  title: 'Efficient MPRT',
  cacheVersion: '1',
  usesSeed: false,
  source: {
    title:
      'Hedström et al. (2024), Sanity Checks Revisited: An Exploration to Repair the Model Parameter Randomisation Test',
    url: 'https://arxiv.org/abs/2401.06465',
    departures: [
      'corrected: ten random networks, drawn by the rules of the architecture, the same for all models, with masks that are permuted',
      'images whose own map is constant have no entropy that could rise; they are left out and counted',
    ],
  },
  options,
  presets,
  inputs: ['model', 'images', 'explainer'],
  needs: () => ({ abilities: ['withWeights'] }),
  create: (asked, services) => ({ measure: (inputs) => measureEfficientMprt(inputs, asked, services) }),
});

async function measureEfficientMprt(
  { model, images, explainer }: Given<'model' | 'images' | 'explainer'>,
  asked: Options,
  services: Services,
): Promise<readonly Measurement[]> {
  const { indices, others, reason } = chooseImages(images, asked.imagesPerClass);
  const layers = layerGroups(model.parameters, null, 'alone');
  const before: number[] = [];
  const after = Array.from({ length: asked.draws }, (): number[] => []);
  const work = { explainer, images, indices, times: 1 + asked.draws, services };
  await inBatches(work, async ({ ids, labels, explain }) => {
    const entropies = async (of: typeof model) => {
      const maps = reduceChannels({ ...(await explain(of, labels)), reduction: explainer.reduction });
      return ids.map((_, i) => histogramEntropy(mapAt(maps, i), asked.bins));
    };
    before.push(...(await entropies(model)));
    for (const [draw, found] of after.entries())
      for await (const random of randomisedModels(model, layers, 'bottom-up', randomisationOf(asked, draw), 'last'))
        found.push(...(await entropies(random)));
  });
  const ids = indices.map((index) => images.ids[index]!);
  const scored = [...before.keys()].filter((i) => before[i]! > 0);
  const rises = after.map((found) => scored.map((i) => (found[i]! - before[i]!) / before[i]!));
  return [
    scoreOf(
      asked,
      scored.map((i) => ids[i]!),
      rises,
      [
        { reason, ids: others },
        { reason: 'the map of the unchanged model is constant', ids: ids.filter((_, i) => before[i] === 0) },
      ],
    ),
  ];
}

/** @param rises by draw, of every image that has one */
function scoreOf(
  asked: Options,
  ids: readonly string[],
  rises: readonly (readonly number[])[],
  without: NonNullable<Measurement['omitted']>,
): Measurement {
  return {
    ...sanityScore,
    metric: 'efficient-mprt',
    words: {
      name: 'Rise of entropy, random network',
      meaning:
        'By how much of its own the entropy of a map rises when the whole network is random: above 0 where maps of what was learned are simpler.',
    },
    direction: 'higher-is-better',
    range: [-1, null],
    // Between two networks that learned nothing, entropy rises as often as it falls.
    ...(asked.preset === 'corrected' && { bar: 0 }),
    ids,
    values: ids.map((_, image) => mean(rises.map((row) => row[image]!))),
    draws: { of: 'random networks', values: rises },
    ...omitted(without),
  };
}
