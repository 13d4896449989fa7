import {
  type Attributions,
  type AttributionUnit,
  apartFindings,
  attributionUnits,
  defineMetric,
  expectFinite,
  expectShape,
  type Given,
  type InForce,
  imagesIn,
  imagesPerCallOption,
  type Measurement,
  omitted,
  type Presets,
  placesOf,
  type Services,
  StudyError,
  sampleStreams,
  unlabelledPerCall,
} from '@espalier/core';
import * as z from 'zod';
import { infidelityOf } from './infidelity-of.ts';
import { type Fit, scalings } from './squared-misfit.ts';

const options = z.strictObject({
  preset: z.enum(['corrected', 'captum']).default('corrected').describe('whose perturbations and scale'),
  perturbation: z
    .enum(['square', 'noise'])
    .optional()
    .describe(
      "a square at a random place takes the mean colour, or normal noise is subtracted; the preset's if absent",
    ),
  scaling: z
    .enum(scalings)
    .optional()
    .describe(
      "by what each map is multiplied first: nothing, what fits best, or that but never below 0; the preset's if absent",
    ),
  sigma: z
    .number()
    .positive()
    .max(10)
    .optional()
    .describe("standard deviation of the noise, of the normalised image; the preset's if absent"),
  samples: z.int().min(2).max(10_000).optional().describe("perturbations of each image; the preset's if absent"),
  side: z.number().positive().max(0.9).default(0.2).describe('side of the square, of the shorter side of the image'),
  reads: z
    .enum(attributionUnits)
    .optional()
    .describe(
      'what maps are numbers of that do not say it themselves: shares of the logit, or its slope by pixel value or normalised value',
    ),
  imagesPerCall: imagesPerCallOption,
});

const presets = {
  corrected: { perturbation: 'square', scaling: 'non-negative', sigma: 0.2, samples: 100 },
  captum: { perturbation: 'noise', scaling: 'none', sigma: 0.003, samples: 10 },
} satisfies Presets<z.output<typeof options>>;

type Options = InForce<z.output<typeof options>, typeof presets>;

/**
 * Infidelity: how far what a map foretells about perturbed images is from what the logit of the class does.
 *
 * Returns for each image `infidelity-share`, which does not depend on how large logits are: 0 of a map that foretells every change, 1 of
 * one that foretells none; and `infidelity`, the mean square itself, in squared logits.
 * @example "scores": { "use": "robustness/infidelity", "in": { "model": …, "images": …, "attributions": … } }
 */
export const infidelity = defineMetric({
  name: 'infidelity',
  title: 'Infidelity',
  cacheVersion: '1',
  usesSeed: 'paired',
  source: {
    title: 'Yeh et al. (2019), On the (In)fidelity and Sensitivity of Explanations',
    url: 'https://arxiv.org/abs/1901.09392',
    departures: [
      'of the logit of the explained class; every image has the same perturbations in all arms',
      "corrected: squares as in the paper's experiments, of one size at random places, with the best scale of its code, but never below 0, where a map would be as good as its opposite",
      'captum: noise as in its example, and no scale, so that the value grows with that of the map',
      'maps that are shares of the logit foretell what squares do, by their sum within; noise they do not foretell, and are refused (Captum multiplies them with it)',
    ],
  },
  options,
  presets,
  unlabelled: unlabelledPerCall,
  inputs: ['model', 'images', 'attributions'],
  check: (_, known) => apartFindings(known),
  passes({ samples }, { images }) {
    const count = imagesIn(images);
    return count === undefined ? undefined : { forward: count * (samples + 1) };
  },
  create: (asked, services) => ({ measure: (inputs) => measureInfidelity(inputs, asked, services) }),
});

async function measureInfidelity(
  { model, images, attributions }: Given<'model' | 'images' | 'attributions'>,
  asked: Options,
  services: Services,
): Promise<readonly Measurement[]> {
  const unit = unitOf(attributions, asked);
  const { ids, classIndex, values } = attributions;
  const places = placesOf(ids, images, 'infidelity');
  expectShape(
    values,
    [ids.length, images.height, images.width, 3],
    'the attributions that infidelity holds to account',
  );
  expectFinite(values.data, `the attributions by "${attributions.method}"`);
  const size = images.height * images.width * 3;
  const fits: Fit[] = [];
  for (const [i, stream] of sampleStreams(services.pairedSeed, ids, ids.length, 'infidelity').entries()) {
    services.signal.throwIfAborted();
    const image = (await images.images([places[i]!])).data;
    const map = values.data.subarray(i * size, (i + 1) * size);
    fits.push(await infidelityOf(model, { image, map, unit, classIndex: classIndex[i]!, id: ids[i]! }, asked, stream));
    services.progress({ done: i + 1, total: ids.length, unit: 'images' });
  }
  return scoresOf(ids, fits, asked);
}

/** What the maps are numbers of. @throws StudyError where nobody says it, or where they foretell nothing of the perturbations */
function unitOf({ unit, method }: Attributions, { reads, perturbation }: Options): AttributionUnit {
  const own = unit ?? reads;
  if (own === undefined)
    throw new StudyError(
      'metrics-robustness/unit-unknown',
      `Infidelity holds a map to what it foretells, and the maps of "${method}" do not say what they are numbers of. ` +
        'Set "reads"; "logit" takes them for shares of the logit, up to a scale.',
    );
  if (own !== 'logit' || perturbation === 'square') return own;
  throw new StudyError(
    'metrics-robustness/noise-unforetold',
    `The maps of "${method}" are shares of the logit: they foretell what is lost where pixels go, and nothing about noise. ` +
      'Set "perturbation" to "square".',
  );
}

const common = {
  aspect: 'faithfulness',
  direction: 'lower-is-better',
  sample: 'image',
  summary: 'mean',
} as const satisfies Partial<Measurement>;

function scoresOf(ids: readonly string[], fits: readonly Fit[], { scaling }: Options): readonly Measurement[] {
  const moved = fits.map(({ share }) => share !== null);
  const still = ids.filter((_, i) => !moved[i]);
  return [
    {
      ...common,
      metric: 'infidelity-share',
      words: {
        name: 'Infidelity, share of the change',
        meaning:
          'How much of what perturbations do to the logit the map does not foretell: 0 where it foretells all of it, 1 where it foretells none.',
      },
      role: 'primary',
      range: [0, scaling === 'none' ? null : 1],
      ids: ids.filter((_, i) => moved[i]),
      values: fits.flatMap(({ share }) => share ?? []),
      ...omitted([{ reason: 'no perturbation changes the logit', ids: still }]),
    },
    {
      ...common,
      metric: 'infidelity',
      words: {
        name: 'Infidelity',
        meaning: 'Mean squared difference of what the map foretells of perturbed images and what their logit does.',
        unit: 'squared logits',
      },
      role: 'companion',
      range: [0, null],
      ids,
      values: fits.map(({ misfit }) => misfit),
    },
  ];
}
