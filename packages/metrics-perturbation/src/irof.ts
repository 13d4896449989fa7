import {
  apartFindings,
  baselineOption,
  defineMetric,
  type InForce,
  imagesIn,
  imagesPerCallOption,
  type Measurement,
  omitted,
  type Presets,
  readingOption,
  unlabelledPerCall,
} from '@espalier/core';
import * as z from 'zod';
import { eachImage } from './each-image.ts';
import { irofOf } from './irof-of.ts';
import { slic } from './slic/slic.ts';

const options = z.strictObject({
  preset: z.enum(['corrected', 'quantus-0.5.3']).default('corrected').describe('whose area over the curve'),
  area: z
    .enum(['share', 'quantus-0.5.3'])
    .optional()
    .describe(
      "share of the probability that is lost on average, or the number of segments less the area from the first removal on; the preset's if absent",
    ),
  segments: z.int().min(2).max(10_000).default(100).describe('superpixels of an image, about'),
  compactness: z
    .number()
    .min(0.01)
    .max(1000)
    .default(10)
    .describe('how much being near counts beside being of one colour when pixels are put together'),
  baseline: baselineOption,
  imagesPerCall: imagesPerCallOption,
  reduction: readingOption,
});

const presets = {
  corrected: { area: 'share' },
  'quantus-0.5.3': { area: 'quantus-0.5.3' },
} satisfies Presets<z.output<typeof options>>;

type Options = InForce<z.output<typeof options>, typeof presets>;

/**
 * IROF: how much of the probability of the explained class is lost while superpixels go from the image, the most relevant first.
 *
 * Returns for each image `irof`: near 1 where the class is gone at once, 0 where nothing is lost, below 0 where the class becomes more probable.
 * @example "scores": { "use": "perturbation/irof", "in": { "model": …, "images": …, "attributions": … } }
 */
export const irof = defineMetric({
  name: 'irof',
  title: 'IROF',
  cacheVersion: '1',
  usesSeed: false,
  source: {
    title: 'Rieger & Hansen (2020), IROF: a low resource evaluation metric for explanation methods',
    url: 'https://arxiv.org/abs/2003.08747',
    departures: [
      'images are segmented as they are, before normalisation, by SLIC as scikit-image has it; Quantus segments normalised ones',
      'corrected: the area is divided by the number of segments, which differs from image to image, and begins at the whole image',
      'quantus-0.5.3: the area begins after the first removal, so that a map which loses nothing has 1',
      'removed segments become the mean colour of the data; Quantus takes the mean of what is left of the image, anew at each step',
    ],
  },
  options,
  presets,
  unlabelled: unlabelledPerCall,
  inputs: ['model', 'images', 'attributions'],
  check: (_, known) => apartFindings(known),
  passes({ segments }, { images }) {
    const count = imagesIn(images);
    return count === undefined ? undefined : { forward: count * (segments + 1) };
  },
  create: (asked, services) => ({
    async measure(inputs) {
      const { model, attributions } = inputs;
      const found = await eachImage(inputs, asked.reduction, services, (one) =>
        irofOf(model, one, slic(one.image, model.input, asked), asked).then((value) => ({ value })),
      );
      return [
        {
          ...scoreOf(attributions.ids, found, asked),
          settings: { reduction: asked.reduction ?? attributions.reduction },
        },
      ];
    },
  }),
});

function scoreOf(
  ids: readonly string[],
  found: readonly ({ readonly value: number | null } | null)[],
  { area }: Options,
): Measurement {
  const scored = ids.filter((_, i) => typeof found[i]?.value === 'number');
  return {
    metric: 'irof',
    words: {
      name: 'IROF',
      meaning:
        area === 'share'
          ? 'How much of the probability of the class is lost, on average, while superpixels go, the most relevant first.'
          : 'Area over the probability of the class, as a multiple of what it was, while superpixels go, the most relevant first.',
    },
    aspect: 'faithfulness',
    role: 'primary',
    direction: 'higher-is-better',
    range: [null, area === 'share' ? 1 : null],
    sample: 'image',
    summary: 'mean',
    ids: scored,
    values: found.flatMap((of) => of?.value ?? []),
    ...omitted([
      {
        reason: 'the map is one constant everywhere: it orders no segments',
        ids: ids.filter((_, i) => found[i] === null),
      },
      {
        reason: 'the class has no probability that could be lost',
        ids: ids.filter((_, i) => found[i]?.value === null),
      },
    ]),
  };
}
