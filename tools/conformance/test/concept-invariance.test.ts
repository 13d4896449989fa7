import { craft, randomDictionary } from '@espalier/concepts-craft';
import {
  type Attributions,
  type ConceptBank,
  createFrom,
  type Measurement,
  type MetricInputs,
  type Model,
  ndArray,
  type Plugin,
  plainServices,
  type Split,
  subset,
} from '@espalier/core';
import { expectBatchInvariance } from '@espalier/core/testing';
import { planted } from '@espalier/data-planted';
import { saliency } from '@espalier/explainer-vg';
import {
  ablation,
  coherence,
  completeness,
  distinctness,
  lineage,
  plugins,
  reconstruction,
  recovery,
  stability,
} from '@espalier/metrics-concepts';
import { resnet18 } from '@espalier/model-resnet';
import { afterAll, beforeAll, expect, test } from 'vitest';

const services = plainServices({ compute: { engine: 'wasm', inference: 'exact', training: 'exact' }, seed: 1 });

// biome-ignore lint/suspicious/noExplicitAny: each metric has its own options type
type Measured = readonly (readonly [Plugin<'metric', any>, object])[];

/** What they score is an image, by a dictionary that is given. */
const ofImages: Measured = [
  [reconstruction, {}],
  [completeness, {}],
];

/** What they score is a class, or a concept of one: other classes are their batch mates. */
const ofClasses: Measured = [
  [coherence, {}],
  [distinctness, {}],
  [stability, {}],
  [lineage, {}],
  [ablation, {}],
  [recovery, {}],
];

const classes = [0, 4, 7];
const imagesPerClass = 6;
let model: Model;
let images: Split;
let inputs: MetricInputs;

beforeAll(async () => {
  const dataset = await createFrom(planted, { trainPerClass: 2, valPerClass: imagesPerClass }, services);
  const val = dataset.split('val');
  images = subset(
    val,
    'three classes',
    [...val.ids.keys()].filter((index) => classes.includes(val.labels[index]!)),
  );
  const { height, width, normalisation } = images;
  const factory = await createFrom(resnet18, { width: 8 }, services);
  model = await factory.create({ input: { height, width, channels: 3, ...normalisation }, classes: val.classes }, 0);
  expect(model.numerics.engine).toBe('wasm');
  const options = { concepts: 3, patch: 0.5, restarts: 0, points: 16, maxPoints: 16, replicates: 2 };
  const extractors = [
    await createFrom(craft, options, services),
    await createFrom(randomDictionary, { concepts: 3, patch: 0.5 }, services),
    await createFrom(craft, { ...options, part: 'even' }, services),
  ];
  const [concepts, nullConcepts, otherConcepts] = await Promise.all(
    extractors.map((extractor) =>
      Promise.all(
        classes.map(async (classIndex): Promise<ConceptBank> => {
          const indices = [...images.ids.keys()].filter((index) => images.labels[index] === classIndex);
          const ids = indices.map((index) => images.ids[index]!);
          const bank = await extractor.extract(model, { ids, images: await images.images(indices), classIndex });
          const none = ndArray('n r', [ids.length, 3]); // random directions have no importance, and so no rows of it
          const { importance } = bank;
          return { ...bank, importance: importance.shape[0] === 0 ? none : importance, importanceError: none };
        }),
      ),
    ),
  );
  const explainer = await createFrom(saliency, {}, services);
  const attributions: Attributions = {
    values: ndArray('n h w c', [images.ids.length, height, width, 3]),
    reduction: 'sum-abs',
    ids: images.ids,
    classIndex: images.labels,
    method: 'none',
    diagnostics: {},
  };
  inputs = {
    ...{ model, embedder: model, images, explainer, attributions },
    ...{ concepts: concepts!, nullConcepts: nullConcepts!, otherConcepts: otherConcepts! },
  };
}, 120_000);
afterAll(() => model[Symbol.dispose]());

test('every metric of concepts is here', () => {
  const tested = new Set([...ofImages, ...ofClasses].map(([{ name }]) => name));
  expect(plugins.map(({ name }) => name).filter((name) => !tested.has(name))).toEqual([]);
});

test.each(named(ofImages))(
  '%s %s: an image alone scores as it does in any batch, to the bit',
  async (_, __, plugin, options) => {
    const metric = await createFrom(plugin, options, services);
    await expectBatchInvariance(metric, ofClass(0, subset(images, 'one class', range(imagesPerClass))), [
      [3],
      [4, 1, 2],
    ]);
  },
  120_000,
);

test.each(named(ofClasses))(
  '%s %s: a class alone scores as it does beside others, to the bit',
  async (_, __, plugin, options) => {
    const metric = await createFrom(plugin, options, services);
    const measure = async (asked: MetricInputs) =>
      byId(await metric.measure(asked, { ...asked, concepts: asked.otherConcepts }));
    const all = await measure(inputs);
    const alone = await Promise.all(classes.map((__, k) => measure(ofClass(k, images))));
    expect(all.size).toBeGreaterThan(0);
    expect(new Map(alone.flatMap((scores) => [...scores]))).toEqual(all);
  },
  120_000,
);

/** The inputs with the concepts of the `k`-th class alone. */
function ofClass(k: number, split: Split): MetricInputs {
  const only = (banks: readonly ConceptBank[]) => [banks[k]!];
  const { concepts, nullConcepts, otherConcepts } = inputs;
  return {
    ...inputs,
    images: split,
    ...{ concepts: only(concepts), nullConcepts: only(nullConcepts), otherConcepts: only(otherConcepts) },
  };
}

function byId(scores: readonly Measurement[]): ReadonlyMap<string, number> {
  return new Map(scores.flatMap(({ metric, ids, values }) => ids.map((id, i) => [`${metric} of ${id}`, values[i]!])));
}

function named(metrics: Measured) {
  return metrics.map(([plugin, options]) => [plugin.name, JSON.stringify(options), plugin, options] as const);
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
