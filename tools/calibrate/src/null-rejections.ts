import {
  createFrom,
  type Measurement,
  type Metric,
  type MetricInputs,
  plainServices,
  trainOptions,
} from '@espalier/core';
import { planted } from '@espalier/data-planted';
import { saliency } from '@espalier/explainer-vg';
import { trainingBatches } from '@espalier/images';
import { road } from '@espalier/metrics';
import { resnet18 } from '@espalier/model-resnet';
import { comparePaired, crossSeeds } from '@espalier/numerics';

const images = 40;
const resamples = 999;

/** How often a trained model seems to differ from itself, at 5 %. */
export interface NullResult {
  readonly metric: string;
  readonly rejections: number;
  readonly repetitions: number;
}

/**
 * Compares a small network, trained on planted images, with itself: ROAD twice under two seeds of its noise, on the same
 * images and maps. Nothing differs but the noise, so 5 % of the repetitions may reject.
 */
export async function nullRejections(
  repetitions: number,
  progress: (line: string) => void,
): Promise<readonly NullResult[]> {
  const inputs = await trainedInputs(progress);
  const rejections = new Map<string, number>();
  for (let r = 0; r < repetitions; r++) {
    const [treated, reference] = [await scoresWith(inputs, 2 * r), await scoresWith(inputs, 2 * r + 1)];
    for (const [m, scores] of treated.entries()) {
      const design = crossSeeds([{ treated: scores, reference: reference[m]! }]);
      const p = comparePaired([design], { resamples, seed: r })[0]!.p;
      rejections.set(scores.metric, (rejections.get(scores.metric) ?? 0) + Number(p !== null && p <= 0.05));
    }
    if ((r + 1) % 20 === 0) progress(`${r + 1} of ${repetitions} comparisons`);
  }
  return [...rejections].map(([metric, count]) => ({ metric, rejections: count, repetitions }));
}

async function trainedInputs(progress: (line: string) => void): Promise<Partial<MetricInputs>> {
  const services = plainServices();
  const data = await createFrom(planted, { trainPerClass: 60, valPerClass: images / 10 }, services);
  const [train, val] = [data.split('train'), data.split('val')];
  const factory = await createFrom(resnet18, { width: 8 }, services);
  const { mean, std } = val.normalisation;
  const input = { height: val.height, width: val.width, channels: 3, mean, std };
  const fresh = await factory.create({ input, classes: val.classes }, 0);
  const options = trainOptions.parse({ epochs: 4, learningRate: 0.05, crop: null });
  const model = await fresh.train(trainingBatches(train, options, 0), options);
  progress(`trained: ${(100 * (model.history.at(-1)?.accuracy ?? 0)).toFixed(0)} % of the training images right`);
  const pixels = await val.images([...val.ids.keys()]);
  const explainer = await createFrom(saliency, {}, services);
  const { values, diagnostics } = await explainer.explain(model, pixels, val.labels);
  const { reduction } = explainer;
  const attributions = {
    values,
    diagnostics,
    reduction,
    ids: val.ids,
    classIndex: val.labels,
    method: 'vg/saliency',
  };
  return { model, images: val, attributions };
}

async function scoresWith(inputs: Partial<MetricInputs>, noiseSeed: number): Promise<readonly Measurement[]> {
  const metric: Metric = await createFrom(road, { noiseSeed, orders: 'morf' }, plainServices());
  return metric.measure(inputs);
}
