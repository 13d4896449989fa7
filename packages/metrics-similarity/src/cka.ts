import {
  baselineFindings,
  defineMetric,
  drawnOrder,
  expectFinite,
  type Given,
  imagesIn,
  layerNamed,
  type Measurement,
  ndArray,
  omitted,
  type Services,
} from '@espalier/core';
import { mean } from '@espalier/numerics';
import * as z from 'zod';
import { baselineOf } from './baseline-of.ts';
import { centredProduct, gramOf } from './centred-product.ts';

const options = z.strictObject({
  layers: z
    .array(z.string().min(1).max(256))
    .min(1)
    .max(256)
    .refine((names) => new Set(names).size === names.length, 'each layer once')
    .nullable()
    .default(null)
    .describe('layers that are compared, each with that of the same name; null takes the stages'),
  batch: z
    .int()
    .min(8)
    .max(1024)
    .default(64)
    .describe(
      'images whose features are held against each other at once; parts are of equal size, and their sums are added',
    ),
});

type Options = z.output<typeof options>;

/**
 * Centred kernel alignment: how alike two networks tell images apart, layer by layer; linear, by the unbiased estimate over parts of the
 * images. One number for the whole network, the mean over the layers, with the curve of the layers.
 * @example "scores": { "use": "similarity/cka", "in": { "model": …, "images": … }, "baseline": { "axis": "sparsity", "at": 0 } }
 */
export const cka = defineMetric({
  name: 'cka',
  title: 'Centred kernel alignment (CKA)',
  cacheVersion: '1',
  usesSeed: false,
  source: {
    title: 'Kornblith et al. (2019), Similarity of Neural Network Representations Revisited',
    url: 'https://arxiv.org/abs/1905.00414',
    departures: [
      'linear; the unbiased estimate over parts of the images (Nguyen et al. 2021, https://arxiv.org/abs/2010.15327), so that few images are not taken for alike',
      'all features of a layer, places included; class tokens among them',
      'values are not cut off at 0, as pytorch-cka does: the estimate of no likeness lies around it',
      'a layer that is the same for every image has nothing in common with another: 0',
    ],
  },
  options,
  inputs: ['model', 'images'],
  needs: ({ layers }) => ({
    layers: layers
      ? layers.map((name, index) => ({ path: ['layers', index], name, demand: 'any' }))
      : [{ path: ['layers'], name: null, demand: 'any' }],
  }),
  check: (_, known) => baselineFindings('It compares with the activations at the baseline', [], known),
  passes({ layers }, { images, model }) {
    const count = imagesIn(images);
    const stages = model?.layers.filter(({ isStage }) => isStage).length;
    const all = layers?.length ?? stages;
    return count === undefined || all === undefined ? undefined : { forward: 2 * count * all };
  },
  create: (asked, services) => ({ measure: (inputs, baseline) => measureCka(inputs, baseline, asked, services) }),
});

type Inputs = Given<'model' | 'images'>;

async function measureCka(
  inputs: Inputs,
  baseline: Inputs | undefined,
  { layers, batch }: Options,
  { signal, progress }: Services,
): Promise<readonly Measurement[]> {
  const { model, images } = inputs;
  const dense = baselineOf(inputs, baseline, 'cka');
  const names = layers ?? dense.layers.filter(({ isStage }) => isStage).map(({ name }) => name);
  for (const name of [...names, ...(layers ? [] : [null])]) layerNamed(model.layers, name); // there is a stage, or all that are named
  const parts = images.ids.length < 4 ? [] : partsOf(drawnOrder(images.ids, 0, 'cka'), batch);
  // By layer: the sums over the parts of both models' product, and of each one's with itself.
  const sums = names.map(() => ({ both: 0, before: 0, after: 0 }));
  for (const [done, part] of parts.entries()) {
    const pixels = await images.images(part);
    for (const [at, name] of names.entries()) {
      signal.throwIfAborted();
      const grams: Float64Array[] = [];
      for (const network of [dense, model]) {
        const features = await network.activations(pixels, name);
        expectFinite(features.data, `the activations of the layer "${name}"`);
        grams.push(gramOf(features));
      }
      const [before, after] = grams as [Float64Array, Float64Array];
      sums[at]!.both += centredProduct(before, after);
      sums[at]!.before += centredProduct(before, before);
      sums[at]!.after += centredProduct(after, after);
    }
    progress({ done: done + 1, total: parts.length, unit: 'parts of the images' });
  }
  const isSilent = sums.some(({ before }) => !(before > 0));
  const reason =
    parts.length === 0 ? 'fewer than four images' : isSilent && 'a layer of the baseline is the same for all images';
  return [scoreOf(names, reason ? null : sums.map(alignment), reason || '')];
}

/** In [-1, 1]. */
function alignment({
  both,
  before,
  after,
}: {
  readonly both: number;
  readonly before: number;
  readonly after: number;
}): number {
  return after > 0 ? Math.min(1, Math.max(-1, both / Math.sqrt(before * after))) : 0;
}

/** In as few parts of at most `size` as there can be, of equal size, up to one. */
function partsOf(indices: readonly number[], size: number): readonly (readonly number[])[] {
  const count = Math.ceil(indices.length / size);
  const start = (part: number) => Math.round((part * indices.length) / count);
  return Array.from({ length: count }, (_, part) => indices.slice(start(part), start(part + 1)));
}

function scoreOf(names: readonly string[], values: readonly number[] | null, reason: string): Measurement {
  const curve = (of: readonly number[]): NonNullable<Measurement['curve']> => ({
    x: 'layers',
    y: 'CKA',
    at: [...names.keys()],
    names,
    values: ndArray('n s', [1, names.length], Float32Array.from(of)),
  });
  return {
    metric: 'cka',
    words: {
      name: 'CKA with the baseline',
      meaning:
        'How alike the layers of both networks tell images apart, on average over the layers: 1 where they do alike, near 0 where not.',
    },
    aspect: 'similarity',
    role: 'primary',
    direction: 'higher-is-better',
    range: [-1, 1],
    sample: 'network',
    summary: 'last',
    ids: values ? ['network'] : [],
    values: values ? [mean(values)] : [],
    ...omitted([{ reason, ids: values ? [] : ['network'] }]),
    ...(values && { curve: curve(values) }),
  };
}
