import {
  createFrom,
  type Explainer,
  type MetricInputs,
  type Model,
  type Plugin,
  plainServices,
  type Split,
  subset,
  takeRows,
} from '@espalier/core';
import { expectBatchInvariance } from '@espalier/core/testing';
import { planted } from '@espalier/data-planted';
import { integratedGradients } from '@espalier/explainer-ig';
import { occlusion } from '@espalier/explainer-occlusion';
import { rise } from '@espalier/explainer-rise';
import { smoothgrad, squaregrad, vargrad } from '@espalier/explainer-smoothgrad';
import { inputTimesGradient, saliency } from '@espalier/explainer-vg';
import {
  accuracy,
  crossEntropy,
  efficientMprt,
  localisation,
  mprt,
  plugins,
  predictions,
  randomLogit,
  road,
  smoothMprt,
  sparseness,
} from '@espalier/metrics';
import { effectiveComplexity, entropy } from '@espalier/metrics-complexity';
import { insertionDeletion, irof } from '@espalier/metrics-perturbation';
import { infidelity, maxSensitivity } from '@espalier/metrics-robustness';
import { resnet18 } from '@espalier/model-resnet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

// Engines may take another path for another batch size; wasm is held to the bit, on a network of real depth.
const services = plainServices({ compute: { engine: 'wasm', inference: 'exact', training: 'exact' } });
const batches = [[3], [4, 1, 2]];

// biome-ignore lint/suspicious/noExplicitAny: each metric has its own options type
const metrics: readonly (readonly [Plugin<'metric', any>, object])[] = [
  [accuracy, {}],
  [crossEntropy, {}],
  [predictions, {}],
  [sparseness, {}],
  [sparseness, { preset: 'quantus-0.5.3' }],
  [road, { percentages: [0, 50] }],
  [road, { preset: 'quantus-0.5.3', percentages: [1, 51] }],
  [localisation, { area: true }],
  [localisation, { preset: 'quantus-0.5.3' }],
  [mprt, { imagesPerClass: null, draws: 2 }],
  [mprt, { imagesPerClass: null, draws: 2, order: 'independent', weights: 'permuted', similarities: ['ssim'] }],
  [smoothMprt, { imagesPerClass: null, draws: 1, samples: 2 }],
  [efficientMprt, { imagesPerClass: null, draws: 2 }],
  [randomLogit, {}],
  [randomLogit, { preset: 'quantus-0.5.3' }],
  [entropy, {}],
  [effectiveComplexity, {}],
  [insertionDeletion, { steps: 2 }],
  [irof, { segments: 4 }],
  [infidelity, { samples: 3, reads: 'logit' }],
  [maxSensitivity, { samples: 2 }],
];

test('every metric is here, but for those that take no values of images: sparsity, cost and speed of a model', () => {
  const tested = new Set(metrics.map(([{ name }]) => name));
  expect(plugins.map(({ name }) => name).filter((name) => !tested.has(name))).toEqual(['sparsity', 'cost', 'speed']);
});

describe.each([
  ['vanilla gradients', saliency, {}],
  ['integrated gradients', integratedGradients, { steps: 3 }],
] as const)('a ResNet-18 on wasm, explained by %s', (_, plugin, options) => {
  let images: Split;
  let model: Model;
  let inputs: MetricInputs;

  beforeAll(async () => {
    const dataset = await createFrom(planted, { trainPerClass: 2, valPerClass: 1 }, services);
    images = subset(dataset.split('val'), 'six', [0, 1, 2, 3, 4, 5]);
    const { height, width, normalisation, classes } = images;
    const factory = await createFrom(resnet18, { width: 8 }, services);
    model = await factory.create({ input: { height, width, channels: 3, ...normalisation }, classes }, 0);
    expect(model.numerics.engine).toBe('wasm');
    const explainer = await createFrom<'explainer', never>(plugin as never, options, services); // either plugin
    const { values, diagnostics } = await explainer.explain(
      model,
      await images.images([0, 1, 2, 3, 4, 5]),
      images.labels,
    );
    const { reduction } = explainer;
    const of = { ids: images.ids, classIndex: images.labels, method: 'method' };
    inputs = {
      ...{ model, embedder: model, images, explainer, attributions: { values, diagnostics, reduction, ...of } },
      ...{ concepts: [], nullConcepts: [], otherConcepts: [] },
    };
  }, 120_000);
  afterAll(() => model[Symbol.dispose]());

  test.each(metrics.map(([metric, chosen]) => [metric.name, JSON.stringify(chosen), metric, chosen] as const))(
    '%s %s: an image alone scores as it does in any batch, to the bit',
    async (__, ___, metric, chosen) => {
      await expectBatchInvariance(await createFrom(metric, chosen, services), inputs, batches);
    },
    120_000,
  );
});

test('every explainer explains an image alone as it does in any batch, to the bit', async () => {
  const images = (await createFrom(planted, { trainPerClass: 2, valPerClass: 1 }, services)).split('val');
  const { height, width, normalisation, classes } = images;
  const factory = await createFrom(resnet18, { width: 8 }, services);
  using model = await factory.create({ input: { height, width, channels: 3, ...normalisation }, classes }, 0);
  const explainers: readonly Explainer[] = [
    await createFrom(saliency, {}, services),
    await createFrom(inputTimesGradient, {}, services),
    await createFrom(integratedGradients, { steps: 3 }, services),
    await createFrom(smoothgrad, { samples: 4 }, services),
    await createFrom(squaregrad, { samples: 4 }, services),
    await createFrom(vargrad, { samples: 4 }, services),
    await createFrom(occlusion, { window: 0.5, stride: 1 }, services),
    await createFrom(rise, { masks: 4 }, services),
  ];
  for (const explainer of explainers) {
    const explain = async (of: readonly number[]) => {
      const [labels, ids] = [of.map((n) => images.labels[n]!), of.map((n) => images.ids[n]!)];
      return explainer.explain(model, await images.images(of), labels, undefined, ids);
    };
    const whole = await explain([0, 1, 2, 3, 4]);
    for (const batch of batches) {
      const { values, diagnostics } = await explain(batch);
      expect(values).toEqual(takeRows(whole.values, batch));
      for (const [name, numbers] of Object.entries(diagnostics))
        expect(numbers, name).toEqual(batch.map((n) => whole.diagnostics[name]![n]!));
    }
  }
}, 120_000);
