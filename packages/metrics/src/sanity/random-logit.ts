import {
  defineMetric,
  type Given,
  type InForce,
  type Measurement,
  mostImages,
  omitted,
  type Presets,
  randomStream,
  type Services,
} from '@espalier/core';
import * as z from 'zod';
import { agreeing, agreementWith, type Bars, sanityScore } from './agreement.ts';
import { chooseImages } from './chosen-images.ts';
import { comparisonOptions, comparisonsOf } from './comparison.ts';
import { inBatches } from './explain-again.ts';
import { mersenneTwister } from './mersenne-twister.ts';

const options = z.strictObject({
  preset: z.enum(['corrected', 'quantus-0.5.3']).default('corrected').describe('whose definition'),
  similarities: comparisonOptions.similarities,
  otherClass: z
    .enum(['by-image', 'as-numpy'])
    .optional()
    .describe(
      "every image draws its own other class by its id, or all take the one that NumPy draws after the seed; the preset's if absent",
    ),
  compared: comparisonOptions.compared,
  imagesPerClass: z
    .int()
    .min(1)
    .max(mostImages)
    .nullable()
    .default(5)
    .describe('images of each class that are asked about, chosen by their ids; null takes all'),
  seed: z.int().min(0).optional().describe("seed of the other classes; the preset's if absent"),
});

const presets = {
  corrected: { similarities: ['rank', 'signed-rank'], seed: 0, otherClass: 'by-image', compared: 'maps' },
  'quantus-0.5.3': { similarities: ['ssim'], seed: 42, otherClass: 'as-numpy', compared: 'rows' },
} satisfies Presets<z.output<typeof options>>;

/**
 * Halfway from what two classes of a network agree by that learned nothing of either (ResNet-18 on ImageNette: 0.49 by gradients and 0.37 by
 * integrated gradients, in absolute ranks; 0.00 in signed ones) to 1, where maps ignore the class. Two classes that were learned may look at the
 * same object, and agree more than that.
 */
const bars: Bars = { rank: 0.75, 'signed-rank': 0.5 };

type Options = InForce<z.output<typeof options>, typeof presets>;

/**
 * How alike the maps of an image for its own class and for another one are: `random-logit`, `random-logit-signed`,
 * `random-logit-ssim`. An explanation of the class, and not of the image alone, scores low.
 * @example "scores": { "use": "metrics/random-logit", "in": { "model": …, "images": …, "explainer": … } }
 */
export const randomLogit = defineMetric({
  name: 'random-logit',
  cacheVersion: '3',
  usesSeed: false,
  source: {
    title: 'Sixt et al. (2020), When Explanations Lie: Why Many Modified BP Attributions Fail',
    url: 'https://arxiv.org/abs/1912.09818',
    departures: [
      'corrected: ranks are compared, as in the model parameter randomisation test, and every image draws its own other class',
      'quantus-0.5.3: the structural similarity of maps laid out as one row; the same draw for every image',
      'a constant map of the other class agrees by 0; images whose own map is constant are left out and counted',
    ],
  },
  options,
  presets,
  inputs: ['model', 'images', 'explainer'],
  create: (chosen, services) => ({ measure: (inputs) => measure(inputs, chosen, services) }),
});

async function measure(
  { model, images, explainer }: Given<'model' | 'images' | 'explainer'>,
  asked: Options,
  services: Services,
): Promise<readonly Measurement[]> {
  const { classes } = images;
  const comparisons = comparisonsOf(asked, explainer, images);
  const { indices: chosen, others, reason } = chooseImages(images, asked.imagesPerClass);
  const indices = classes.length > 1 ? chosen : []; // with one class there is no other to ask about
  const askedIds = indices.map((index) => images.ids[index]!);
  const single = classes.length > 1 ? [] : chosen.map((index) => images.ids[index]!);
  const curves = comparisons.map((): (Float64Array | null)[] => []);
  const otherClass =
    asked.otherClass === 'as-numpy' && classes.length > 1
      ? quantusClass(asked.seed, classes.length)
      : drawnClass(asked.seed, classes.length);
  await inBatches({ explainer, images, indices, times: 2, services }, async ({ ids, labels, explain }) => {
    const own = await explain(model, labels);
    const found = await explain(
      model,
      labels.map((label, i) => otherClass(label, ids[i]!)),
    );
    comparisons.forEach((comparison, i) => {
      const agreement = agreementWith(own, comparison, 1);
      agreement.add(1, found);
      curves[i]!.push(...agreement.curves);
    });
  });
  return comparisons.map(({ suffix, words, similarity }, i): Measurement => {
    const metric = `random-logit${suffix}`;
    const found = agreeing(askedIds, curves[i]!);
    return {
      metric,
      words: {
        name: `Random class, ${words}`,
        meaning:
          'How alike the maps of an image for its own class and for another one are: 1 where a map ignores the class.',
      },
      ...sanityScore,
      ...(asked.preset === 'corrected' && bars[similarity] !== undefined && { bar: bars[similarity] }),
      ids: found.ids,
      values: found.curves.map((curve) => curve[1]!),
      ...omitted([
        { reason, ids: others },
        { reason: 'the images have one class only', ids: single },
        { reason: 'the map of the own class is constant', ids: found.constant },
      ]),
    };
  });
}

/** Another class for each image, from its id alone. */
function drawnClass(seed: number, classes: number): (label: number, id: string) => number {
  return (label, id) => without(label, randomStream(seed, 'random-logit', id).integer(classes - 1));
}

/** The class that `numpy.random.choice` takes among the others right after `numpy.random.seed(seed)`. */
function quantusClass(seed: number, classes: number): (label: number) => number {
  const most = classes - 2;
  const mask = 2 ** (32 - Math.clz32(most)) - 1;
  const next = mersenneTwister(seed);
  let place = next() & mask;
  while (place > most) place = next() & mask;
  return (label) => without(label, place);
}

/** The `place`-th class when `label` is left out. */
function without(label: number, place: number): number {
  return place < label ? place : place + 1;
}
