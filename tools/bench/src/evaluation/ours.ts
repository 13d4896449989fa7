import { craft } from '@espalier/concepts-craft';
import { type Attributions, createFrom, type Metric, type Model, plainServices } from '@espalier/core';
import { integratedGradients } from '@espalier/explainer-ig';
import { saliency } from '@espalier/explainer-vg';
import { road, sparseness } from '@espalier/metrics';
import { type EvaluationTask, splitOf } from './task.ts';

/** Parts of the evaluation of a model, in this order: later ones take the maps of earlier ones. */
export const parts = ['vg', 'ig', 'gini', 'road-vg', 'road-ig', 'craft'] as const;
export type Part = (typeof parts)[number];

/** Percent of the pixels removed at each level of ROAD. */
export const percentages = [1, 11, 21, 31, 41, 51, 61, 71, 81, 91];
export const concepts = 10;

/** How the path integral is computed: 50 points as Captum does, or as few as leave a delta of at most 0.1 logits. */
export type PathIntegral = '50' | 'refined';

/** Each does one part, and tells what it found: one number per image, level or concept. */
export type Works = Readonly<Record<Part, () => Promise<readonly number[]>>>;

/** What Captum, Quantus and Craft do, on one model. */
export function ourWorks(model: Model, task: EvaluationTask, integral: PathIntegral): Works {
  const services = plainServices();
  const images = splitOf(task);
  const maps = new Map<'vg' | 'ig', Attributions>();
  const explain = async (name: 'vg' | 'ig') => {
    const explainer = await (name === 'vg'
      ? createFrom(saliency, {}, services)
      : createFrom(
          integratedGradients,
          integral === '50' ? {} : { rule: 'trapezoid', steps: 5, tolerance: 0.1 },
          services,
        ));
    const found = await explainer.explain(model, task.images, images.labels);
    const { reduction } = explainer;
    maps.set(name, { ...found, ids: images.ids, classIndex: images.labels, method: name, reduction });
    return found;
  };
  const measured = async (metric: Metric, name: 'vg' | 'ig') =>
    (await metric.measure({ model, images, attributions: maps.get(name)! }))[0]!;
  const roadOf = async (name: 'vg' | 'ig') => {
    const options = { preset: 'quantus-0.5.3', orders: 'morf' };
    const { curve } = await measured(await createFrom(road, options, services), name);
    return curveMeans(curve!.values.data, percentages.length);
  };
  return {
    vg: async () => [...imageMeans((await explain('vg')).values.data, images.ids.length)],
    ig: async () => (await explain('ig')).diagnostics.delta!,
    async gini() {
      const metric = await createFrom(sparseness, { preset: 'quantus-0.5.3' }, services);
      return [...(await measured(metric, 'vg')).values, ...(await measured(metric, 'ig')).values];
    },
    'road-vg': () => roadOf('vg'),
    'road-ig': () => roadOf('ig'),
    async craft() {
      const extractor = await createFrom(craft, { concepts, patch: 2 / 7 }, services);
      const bank = await extractor.extract(model, { ids: images.ids, images: task.images, classIndex: task.label });
      return curveMeans(bank.importance.data, concepts).sort();
    },
  };
}

/** Sums of absolute values over channels, the mean over each image's pixels. */
function imageMeans(values: Float32Array, count: number): readonly number[] {
  const size = values.length / count;
  return Array.from({ length: count }, (_, n) => {
    const pixels = values.subarray(n * size, (n + 1) * size);
    return pixels.reduce((sum, value) => sum + Math.abs(value), 0) / (size / 3);
  });
}

/** The mean over images for each of `levels` values. */
function curveMeans(values: Float32Array, levels: number): number[] {
  const means = new Array<number>(levels).fill(0);
  values.forEach((value, i) => {
    means[i % levels]! += value / (values.length / levels);
  });
  return means;
}
