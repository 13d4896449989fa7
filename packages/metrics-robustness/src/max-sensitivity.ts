import {
  defineMetric,
  expectFinite,
  type Given,
  type InForce,
  imagesPerCallOption,
  type Measurement,
  omitted,
  type Presets,
  type Services,
  sampleStreams,
  stackedImages,
  unlabelledPerCall,
} from '@espalier/core';
import { mean } from '@espalier/numerics';
import * as z from 'zod';
import { movesOf } from './moves-of.ts';

const options = z.strictObject({
  preset: z
    .enum(['corrected', 'captum'])
    .default('corrected')
    .describe('in which unit the radius is, where `unit` says nothing: of pixels; of `captum` of the normalised image'),
  unit: z
    .enum(['pixel', 'normalised'])
    .optional()
    .describe("unit of `radius`: pixels in [0, 1], or the normalised image; the preset's if absent"),
  radius: z.number().positive().max(10).default(0.02).describe('largest change of any value of an image'),
  samples: z.int().min(1).max(1000).default(10).describe('perturbed copies of each image'),
  imagesPerCall: imagesPerCallOption,
});

const presets = {
  corrected: { unit: 'pixel' },
  captum: { unit: 'normalised' },
} satisfies Presets<z.output<typeof options>>;

type Options = InForce<z.output<typeof options>, typeof presets>;

/**
 * Max-sensitivity: how far the map moves, of its own length, when the image is changed a little.
 *
 * The largest distance among the copies; their mean comes with it.
 * @example "scores": { "use": "robustness/max-sensitivity", "in": { "model": …, "images": …, "explainer": … } }
 */
export const maxSensitivity = defineMetric({
  name: 'max-sensitivity',
  title: 'Max-sensitivity',
  cacheVersion: '1',
  usesSeed: 'paired',
  source: {
    title: 'Yeh et al. (2019), On the (In)fidelity and Sensitivity of Explanations',
    url: 'https://arxiv.org/abs/1901.09392',
    departures: [
      'the largest of the copies that are drawn, uniformly from the cube of `radius`, the same in all arms; the largest of all would be more',
      'distances are Euclidean, over all channels of the attributions, and divided by the length of the map',
      'an explainer that draws noise draws the same for every copy; copies are not clipped to [0, 1]',
      'a map that is zero everywhere has no length, and its image no value; Captum divides by 1 instead',
    ],
  },
  options,
  presets,
  unlabelled: unlabelledPerCall,
  inputs: ['model', 'images', 'explainer'],
  create: (asked, services) => ({ measure: (inputs) => measureSensitivity(inputs, asked, services) }),
});

async function measureSensitivity(
  { model, images, explainer }: Given<'model' | 'images' | 'explainer'>,
  asked: Options,
  services: Services,
): Promise<readonly Measurement[]> {
  const { ids, labels, ...size } = images;
  const found: (readonly number[] | null)[] = [];
  for (const [i, stream] of sampleStreams(services.pairedSeed, ids, ids.length, 'max-sensitivity').entries()) {
    services.signal.throwIfAborted();
    const image = (await images.images([i])).data;
    const explain = async (batch: readonly Float32Array[]): Promise<readonly Float32Array[]> => {
      const classes = batch.map(() => labels[i]!);
      const { values } = await explainer.explain(
        model,
        stackedImages(batch, { ...size, channels: 3 }),
        classes,
        undefined,
        batch.map(() => ids[i]!),
      );
      expectFinite(values.data, `the attributions of "${ids[i]}", perturbed`);
      return batch.map((one, n) => values.data.subarray(n * one.length, (n + 1) * one.length));
    };
    found.push(await movesOf(image, explain, model, asked, stream));
    services.progress({ done: i + 1, total: ids.length, unit: 'images' });
  }
  return [scoreOf(ids, found)];
}

function scoreOf(ids: readonly string[], found: readonly (readonly number[] | null)[]): Measurement {
  const moves = found.flatMap((of) => (of ? [of] : []));
  return {
    metric: 'max-sensitivity',
    words: {
      name: 'Max-sensitivity',
      meaning:
        'How far a map moves, as a multiple of its own length, when the image changes a little: the largest move.',
    },
    aspect: 'robustness',
    role: 'primary',
    direction: 'lower-is-better',
    range: [0, null],
    sample: 'image',
    summary: 'mean',
    ids: ids.filter((_, i) => found[i] !== null),
    values: moves.map((of) => Math.max(...of)),
    definitions: [{ name: 'mean move, not the largest', settings: { over: 'mean' }, values: moves.map(mean) }],
    ...omitted([{ reason: 'the map is zero everywhere', ids: ids.filter((_, i) => found[i] === null) }]),
  };
}
