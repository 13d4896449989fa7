import {
  apartFindings,
  defineMetric,
  type InForce,
  imagesIn,
  imagesPerCallOption,
  type Measurement,
  ndArray,
  omitted,
  type Presets,
  readingOption,
  unlabelledPerCall,
} from '@espalier/core';
import { mean } from '@espalier/numerics';
import * as z from 'zod';
import { eachImage } from './each-image.ts';
import { fills } from './filled.ts';
import { type ImageCurves, insertionDeletionOf, stepsAt } from './insertion-deletion-of.ts';

const options = z.strictObject({
  preset: z
    .enum(['corrected', 'xplique-2.0.2'])
    .default('corrected')
    .describe('whose steps and whose start of insertion'),
  steps: z.int().min(1).max(250).optional().describe("equal steps from no pixel to all pixels; the preset's if absent"),
  insertInto: z
    .enum(fills)
    .optional()
    .describe("what pixels are inserted into: the blurred image, the mean colour, or black; the preset's if absent"),
  deleteTo: z.enum(fills).default('mean').describe('what deleted pixels become'),
  blur: z
    .number()
    .positive()
    .max(1)
    .default(0.0223)
    .describe('standard deviation of the blur, of the shorter side of the image'),
  imagesPerCall: imagesPerCallOption,
  reduction: readingOption,
});

const presets = {
  corrected: { steps: 50, insertInto: 'blur' },
  'xplique-2.0.2': { steps: 10, insertInto: 'mean' },
} satisfies Presets<z.output<typeof options>>;

type Options = InForce<z.output<typeof options>, typeof presets>;

/**
 * Insertion and deletion: the probability of the explained class while pixels, the most relevant first, are put into a blurred image, and
 * while they are taken from the image.
 *
 * Returns for each image `insertion` and `deletion`, the areas under both curves, with the curves, and their difference
 * `insertion-minus-deletion`.
 * @example "scores": { "use": "perturbation/insertion-deletion", "in": { "model": …, "images": …, "attributions": … } }
 */
export const insertionDeletion = defineMetric({
  name: 'insertion-deletion',
  title: 'Insertion and deletion',
  cacheVersion: '2',
  usesSeed: false,
  source: {
    title: 'Petsiuk et al. (2018), RISE: Randomized Input Sampling for Explanation of Black-box Models',
    url: 'https://arxiv.org/abs/1806.07421',
    departures: [
      'the area is that of trapezoids over equal steps, for each image alone',
      'ties go to the pixel that comes first, row by row; xplique takes the last',
      'corrected: 50 steps; the released code of RISE takes as many pixels as an image is wide for a step',
      'corrected: the blur is a whole Gaussian of 5 pixels of an image of 224; the released code cuts it off after 5 pixels',
      'xplique-2.0.2: its baseline 0 for both, of a network that is given normalised images, which is the mean colour, and probabilities',
    ],
  },
  options,
  presets,
  unlabelled: unlabelledPerCall,
  inputs: ['model', 'images', 'attributions'],
  check: (_, known) => apartFindings(known),
  passes({ steps }, { images }) {
    const count = imagesIn(images);
    return count === undefined ? undefined : { forward: 2 * count * (steps + 1) };
  },
  create: (asked, services) => ({
    async measure(inputs) {
      const found = await eachImage(inputs, asked.reduction, services, (one) =>
        insertionDeletionOf(inputs.model, one, asked),
      );
      const settings = { reduction: asked.reduction ?? inputs.attributions.reduction };
      const { ids } = inputs.attributions;
      return scoresOf(ids, found, asked, settings);
    },
  }),
});

const kind = { aspect: 'faithfulness', sample: 'image', summary: 'mean' } as const;

function scoresOf(
  all: readonly string[],
  found: readonly (ImageCurves | null)[],
  { steps }: Options,
  settings: NonNullable<Measurement['settings']>,
): readonly Measurement[] {
  const curves = found.flatMap((of) => of ?? []);
  const ids = all.filter((_, i) => found[i]);
  const flat = all.filter((_, i) => !found[i]);
  const common = {
    ...kind,
    settings,
    ids,
    ...omitted([{ reason: 'the map is one constant everywhere: it orders no pixels', ids: flat }]),
  } as const;
  const scoreOf = (metric: 'insertion' | 'deletion', direction: Measurement['direction'], meaning: string) => ({
    ...common,
    metric,
    words: { name: metric === 'insertion' ? 'Insertion' : 'Deletion', meaning },
    role: 'primary' as const,
    direction,
    range: [0, 1] as const,
    values: curves.map((of) => areaUnder(of[metric])),
    curve: {
      x: `% of pixels ${metric === 'insertion' ? 'inserted' : 'deleted'}`,
      y: 'probability',
      at: stepsAt(100, steps),
      values: ndArray('n s', [curves.length, steps + 1], Float32Array.from(curves.flatMap((of) => [...of[metric]]))),
    },
  });
  const insertion = scoreOf(
    'insertion',
    'higher-is-better',
    'Probability of the class, on average, while the most relevant pixels come first into the baseline: high where few pixels suffice.',
  );
  const deletion = scoreOf(
    'deletion',
    'lower-is-better',
    'Probability of the class, on average, while the most relevant pixels go first: low where the class falls at once.',
  );
  return [
    insertion,
    deletion,
    {
      ...common,
      metric: 'insertion-minus-deletion',
      words: {
        name: 'Insertion minus deletion',
        meaning:
          'How much more probable the class is, on average, while the most relevant pixels come than while they go; less of it hangs on how sure the model is.',
      },
      role: 'companion',
      difference: { of: 'insertion', from: 'deletion' },
      direction: 'higher-is-better',
      range: [-1, 1],
      values: insertion.values.map((value, i) => value - deletion.values[i]!),
    },
  ];
}

/** Of trapezoids over equal steps, from 0 to 1. */
function areaUnder(curve: Float64Array): number {
  return mean(curve.subarray(1).map((value, i) => (value + curve[i]!) / 2));
}
