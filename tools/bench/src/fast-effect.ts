import {
  type Attributions,
  type ComputeOptions,
  createFrom,
  type Metric,
  type Model,
  plainServices,
  type Split,
  trainOptions,
} from '@espalier/core';
import { planted } from '@espalier/data-planted';
import { type Ops, openEngine } from '@espalier/engine';
import { saliency } from '@espalier/explainer-vg';
import { trainingBatches } from '@espalier/images';
import { accuracy, road, sparseness } from '@espalier/metrics';
import { resnet } from '@espalier/model-resnet';
import { networkModel, parametersOf } from '@espalier/nn';
import { initialWeights, usualInitial } from '@espalier/nn/architectures';

const size = 64;
const epochs = 6;
const imagesPerClass = 20;

/** What one arithmetic says of the same weights and images. */
interface Measured {
  readonly accuracy: number;
  readonly gini: readonly number[];
  readonly hits: Float32Array;
}

/**
 * What bfloat16 does to a study's numbers: one small ResNet, trained in float32 on generated images, measured in both. Also where
 * the machine is slow at bfloat16, since this is about values. Null where the engine has no bfloat16.
 */
export async function fastEffect(engine: ComputeOptions['engine']): Promise<string | null> {
  const ops = await openEngine({ engine });
  if (!ops.hasBfloat16) return null;
  const data = await createFrom(planted, { size, trainPerClass: 120, valPerClass: imagesPerClass }, plainServices());
  const val = data.split('val');
  using untrained = plantedModel(ops, val, 'exact');
  const options = trainOptions.parse({ epochs, learningRate: 0.05, crop: null });
  using trained = await untrained.train(trainingBatches(data.split('train'), options, 0), options);
  // Asked for by name: the engine itself takes bfloat16 only where it is faster.
  const forced: Ops = Object.create(ops, { hasFastBfloat16: { value: true } });
  using fast = plantedModel(forced, val, 'fast');
  using same = await fast.withWeights(await trained.weights());
  return describe(await measured(trained, val), await measured(same, val));
}

function plantedModel(ops: Ops, { classes, normalisation }: Split, arithmetic: 'exact' | 'fast'): Model {
  const network = resnet('resnet18', 16, { classes: classes.length });
  return networkModel({
    ops,
    compute: { inference: arithmetic, training: arithmetic },
    network,
    spec: { input: { height: size, width: size, channels: 3, ...normalisation }, classes },
    weights: initialWeights(parametersOf(network), usualInitial, 0),
    masks: new Map(),
    history: [],
  });
}

async function measured(model: Model, images: Split): Promise<Measured> {
  const services = plainServices();
  const explainer = await createFrom(saliency, {}, services);
  const pixels = await images.images([...images.ids.keys()]);
  const explained = await explainer.explain(model, pixels, images.labels);
  const attributions: Attributions = {
    ...explained,
    ids: images.ids,
    classIndex: images.labels,
    method: 'vg/saliency',
    reduction: explainer.reduction,
  };
  const scores = async (metric: Metric) => (await metric.measure({ model, images, attributions }))[0]!;
  const correct = (await scores(await createFrom(accuracy, {}, services))).values;
  return {
    accuracy: correct.reduce((sum, value) => sum + value, 0) / correct.length,
    gini: (await scores(await createFrom(sparseness, {}, services))).values,
    hits: (await scores(await createFrom(road, { orders: 'morf' }, services))).curve!.values.data,
  };
}

function describe(exact: Measured, fast: Measured): string {
  const gaps = exact.gini.map((value, i) => Math.abs(value - fast.gini[i]!));
  const same = exact.hits.reduce((count, hit, i) => count + Number(hit === fast.hits[i]), 0);
  return (
    `fast against exact, a ResNet-18 of width 16 on ${exact.gini.length} generated images: accuracy ` +
    `${fast.accuracy.toFixed(3)} and ${exact.accuracy.toFixed(3)}; Gini index of VG differs by ${mean(gaps).toFixed(4)} on ` +
    `average, ${Math.max(...gaps).toFixed(4)} at most; ${((100 * same) / exact.hits.length).toFixed(2)} % of ` +
    `${exact.hits.length} ROAD hits agree`
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
