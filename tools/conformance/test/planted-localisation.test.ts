import {
  createFrom,
  type Explainer,
  type Measurement,
  type Model,
  ndArray,
  plainServices,
  type Split,
  trainOptions,
} from '@espalier/core';
import { planted } from '@espalier/data-planted';
import { integratedGradients } from '@espalier/explainer-ig';
import { saliency } from '@espalier/explainer-vg';
import { trainingBatches } from '@espalier/images';
import { initialDistribution, layerGroups, localisation, mprt } from '@espalier/metrics';
import { resnet18 } from '@espalier/model-resnet';
import { comparePaired, crossSeeds } from '@espalier/numerics';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const isAsked = process.env.ESPALIER_SLOW === '1';
const services = plainServices();

/** Seven images of each class: the planted study's network, trained for six of its ten epochs. */
const imagesPerClass = 7;

describe.skipIf(!isAsked)(
  'explanations of a trained network lie on the planted parts (skipped unless ESPALIER_SLOW=1)',
  () => {
    let images: Split;
    let trained: Model;
    let random: Model;

    beforeAll(async () => {
      const dataset = await createFrom(planted, { trainPerClass: 200, valPerClass: imagesPerClass }, services);
      const train = dataset.split('train');
      images = dataset.split('val');
      const { height, width, normalisation, classes } = train;
      const factory = await createFrom(resnet18, { width: 16 }, services);
      const input = { height, width, channels: 3, ...normalisation };
      using start = await factory.create({ input, classes }, 1);
      const optimizer = { name: 'sgd', momentum: 0.9, nesterov: true };
      const options = trainOptions.parse({ epochs: 6, batchSize: 64, learningRate: 0.05, crop: null, optimizer });
      trained = await start.train(trainingBatches(train, options, 1), options);
      const weights = new Map(await trained.weights());
      for (const layer of layerGroups(trained.parameters, null, 'joins'))
        for (const [name, data] of initialDistribution(2)(layer, weights, {
          before: trained.masks,
          after: trained.masks,
        }))
          weights.set(name, { ...weights.get(name)!, data });
      random = await trained.withWeights(weights);
    }, 600_000);
    afterAll(() => {
      trained[Symbol.dispose]();
      random[Symbol.dispose]();
    });

    test.each([
      ['vanilla gradients', saliency, {}],
      ['integrated gradients', integratedGradients, { steps: 24 }],
    ] as const)(
      '%s: more relevance mass than the randomised network and than a uniform map, the interval above zero',
      async (name, plugin, options) => {
        const explainer = await createFrom<'explainer', never>(plugin as never, options, services); // either plugin
        const own = await massOf(images, explainer, trained);
        const others = [await massOf(images, explainer, random), await massOf(images, uniform, trained)];
        for (const [i, other] of others.entries()) {
          const [found] = comparePaired([crossSeeds([{ treated: own, reference: other }])], {
            seed: 1,
            resamples: 9999,
          });
          const [low, high] = found!.interval!;
          console.log(
            `${name} against ${['the randomised network', 'a uniform map'][i]}: ${mean(own).toFixed(3)} - ` +
              `${mean(other).toFixed(3)}, interval ${low.toFixed(3)} to ${high.toFixed(3)}, n = ${found!.n}`,
          );
          expect(low).toBeGreaterThan(0);
        }
        const metric = await createFrom(mprt, { imagesPerClass: 2 }, services);
        const [cascade] = await metric.measure({ model: trained, images, explainer });
        console.log(`${name}, mprt-top-down: ${mean(cascade!).toFixed(3)}`);
      },
      600_000,
    );
  },
);

const uniform: Explainer = {
  reduction: 'sum',
  explain: async (_, { shape }) => ({
    values: ndArray('n h w c', shape, new Float32Array(shape.reduce((size, length) => size * length, 1)).fill(1)),
    diagnostics: {},
  }),
};

async function massOf(images: Split, explainer: Explainer, model: Model): Promise<Measurement> {
  const all = [...images.ids.keys()];
  const { values, diagnostics } = await explainer.explain(model, await images.images(all), images.labels);
  const { reduction } = explainer;
  const of = { ids: images.ids, classIndex: images.labels, method: 'method' };
  const metric = await createFrom(localisation, {}, services);
  const scores = await metric.measure({ images, attributions: { values, diagnostics, reduction, ...of } });
  return scores.find((score) => score.metric === 'relevance-mass')!;
}

function mean({ values }: Measurement): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
