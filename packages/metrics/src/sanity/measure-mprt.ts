import { type Given, type Measurement, ndArray, type Services } from '@espalier/core';
import { mean } from '@espalier/numerics';
import { omitted } from '../omitted.ts';
import { agreeing, agreementWith } from './agreement.ts';
import { chooseImages } from './chosen-images.ts';
import { comparisonBy } from './comparison.ts';
import { inBatches } from './explain-again.ts';
import { mprtChoices } from './mprt-choices.ts';
import type { MprtOptions } from './mprt-options.ts';
import { inOrder, type RandomisationOrder, randomisedModels } from './randomised-models.ts';

const orderWords: Readonly<Record<RandomisationOrder, string>> = {
  'top-down': 'from the output',
  'bottom-up': 'from the input',
  independent: 'one at a time',
};

const curveTitles: Readonly<Record<RandomisationOrder, string>> = {
  'top-down': 'layers randomised, from the output down',
  'bottom-up': 'layers randomised, from the input up',
  independent: 'the one layer randomised, counted from the input',
};

/** Explains the chosen images by the model as it is, and again at each step of its randomisation. */
export async function measureMprt(
  { model, images, explainer }: Given<'model' | 'images' | 'explainer'>,
  options: MprtOptions,
  services: Services,
): Promise<readonly Measurement[]> {
  const { name: preset, similarities, asQuantus, layersOf, randomise } = mprtChoices(options);
  const { order, draws } = options;
  const { height, width } = images;
  const comparisons = similarities.map((similarity) =>
    comparisonBy(similarity, { reduction: explainer.reduction, height, width, asQuantus }),
  );
  const layers = inOrder(layersOf(model), order);
  const steps = options.average === 'last' ? 'last' : 'every';
  const names = ['unchanged', ...(steps === 'last' ? ['all layers'] : layers.map(({ name }) => name))];
  const { indices, others, reason } = chooseImages(images, options.imagesPerClass);
  const curves = comparisons.map((): (Float64Array | null)[] => []);
  const times = 1 + (names.length - 1) * draws;
  await inBatches({ explainer, images, indices, times, services }, async ({ labels, explain }) => {
    const own = await explain(model, labels);
    const agreements = comparisons.map((comparison) => agreementWith(own, comparison, names.length - 1));
    for (let draw = 0; draw < draws; draw++) {
      let position = 0;
      for await (const randomised of randomisedModels(model, layers, order, randomise(draw), steps)) {
        const found = await explain(randomised, labels);
        position++;
        for (const agreement of agreements) agreement.add(position, found, 1 / draws);
      }
    }
    agreements.forEach((agreement, i) => {
      curves[i]!.push(...agreement.curves);
    });
  });
  // With the last step alone there is nothing to average.
  const scoreOf = (curve: Float64Array): number => mean(curve.subarray(asQuantus && steps === 'every' ? 0 : 1));
  return comparisons.map(({ suffix, words }, i): Measurement => {
    const metric = `mprt-${order}${suffix}`;
    const found = agreeing(
      indices.map((index) => images.ids[index]!),
      curves[i]!,
    );
    const values = Float32Array.from(found.curves.flatMap((curve) => [...curve]));
    return {
      metric,
      words: {
        name: `Random layers, ${orderWords[order]}, ${words}`,
        meaning:
          'How much of a map is left when layers of the network are random: near 0 where it depends on what was learned.',
      },
      preset,
      aspect: 'sanity',
      role: 'sanity-check',
      ...(explainer.settings && { settings: explainer.settings }),
      direction: 'lower-is-better',
      range: [-1, 1],
      sample: 'image',
      ids: found.ids,
      values: found.curves.map(scoreOf),
      ...omitted([
        { reason, ids: others },
        { reason: 'the map of the unchanged model is constant', ids: found.constant },
      ]),
      summary: 'mean',
      ...(steps === 'every' && {
        curve: {
          x: curveTitles[order],
          y: 'agreement',
          at: [...names.keys()],
          names,
          values: ndArray('n s', [found.ids.length, names.length], values),
        },
      }),
    };
  });
}
