import {
  type Attributions,
  defineMetric,
  definePlugin,
  levelFindings,
  type Measurement,
  type Model,
  type ModelFactory,
  type ModelState,
  ndArray,
  StudyError,
  sizeOf,
  type TrainHooks,
  type TrainOptions,
} from '@espalier/core';
import { toyModel, toySplit } from '@espalier/core/testing';
import * as z from 'zod';

/** What toy plugins were asked to do, in order; tests read and clear it. */
export const calls: string[] = [];

const source = { title: 'toy', url: 'https://example.org', departures: [] };

const data = definePlugin({
  kind: 'dataset',
  name: 'noise',
  cacheVersion: '1',
  source,
  options: z.strictObject({
    count: z.int().min(1).default(6).describe('images'),
    seed: z.int().default(0).describe('seed of the noise'),
    folder: z.string().nullable().default(null).describe('a folder that must exist; null needs none'),
    corrupt: z.string().nullable().default(null).describe('an image that cannot be decoded'),
  }),
  create({ count, seed, folder, corrupt }) {
    if (folder) {
      throw new StudyError('core/data-missing', `There is no folder ${folder}. Check the option "folder".`);
    }
    calls.push('data');
    const val = toySplit(count, { seed });
    return {
      classes: val.classes,
      split: (name) => ({
        ...val,
        name,
        images: async (indices) => {
          if (corrupt) {
            throw new StudyError(
              'core/data-corrupt',
              `The image ${corrupt} is not a readable JPEG. Replace or delete it.`,
            );
          }
          return val.images(indices);
        },
      }),
    };
  },
});

/** A toy model whose weights are exactly those of `state`. */
function restored(seed: number, state: ModelState): Model {
  const model = toyModel(seed);
  return wrap({ ...model, history: state.history, masks: state.masks, weights: async () => state.weights });
}

/** Trains by adding one hundredth per epoch to every kept weight; three toy images per step. */
function wrap(model: Model): Model {
  return {
    ...model,
    masked: async (masks) => {
      const weights = await model.weights();
      const kept = new Map(
        [...weights].map(([name, array]) => [name, masks.has(name) ? zeroed(array, masks.get(name)!) : array]),
      );
      return wrap({ ...model, masks: new Map([...model.masks, ...masks]), weights: async () => kept });
    },
    withWeights: async (weights, masks = model.masks) => {
      const held = [...weights].map(([name, array]) => {
        const mask = masks.get(name);
        return [name, mask ? zeroed(array, mask) : array] as const;
      });
      return wrap({ ...model, masks, weights: async () => new Map(held) });
    },
    train: (source, options, hooks) => train(model, options, hooks, source.imagesPerEpoch),
  };
}

function zeroed(array: { data: Float32Array; shape: readonly number[]; axes: string }, mask: Uint8Array) {
  return { ...array, data: array.data.map((value, i) => (mask[i] ? value : 0)) };
}

async function train(
  model: Model,
  options: TrainOptions,
  hooks: TrainHooks | undefined,
  images: number,
): Promise<Model> {
  let weights = hooks?.resume?.weights ?? (await model.weights());
  let history = hooks?.resume?.history ?? model.history;
  for (let epoch = hooks?.resume?.epoch ?? 0; epoch < options.epochs; epoch++) {
    hooks?.signal?.throwIfAborted();
    calls.push(`epoch ${epoch}`);
    if (fail.atEpoch === epoch)
      throw new StudyError('core/training-diverged', 'The loss is NaN. Lower the learning rate.');
    weights = new Map(
      [...weights].map(([name, array]) => {
        const mask = model.masks.get(name);
        return [name, { ...array, data: array.data.map((value, i) => (mask && !mask[i] ? 0 : value + 0.01)) }];
      }),
    );
    history = [...history, { epoch, loss: 1 / (epoch + 1), accuracy: 0.5, learningRate: options.learningRate }];
    hooks?.onStep?.({ epoch, step: epoch, done: images * (epoch + 1), total: images * options.epochs, loss: 1 });
    await hooks?.onEpoch?.({ epoch: epoch + 1, step: epoch + 1, history, weights, optimizer: new Map() });
  }
  const kept = weights;
  return wrap({ ...model, history, weights: async () => kept });
}

/** Makes training fail. */
export const fail: { atEpoch: number | null } = { atEpoch: null };

const model = definePlugin({
  kind: 'model',
  name: 'tiny',
  cacheVersion: '1',
  source,
  options: z.strictObject({}),
  create: (): ModelFactory => ({
    architecture: 'tiny',
    create: async (_spec, seed) => wrap(toyModel(seed)),
    restore: async (_spec, state) => {
      calls.push('restore');
      return restored(0, state);
    },
  }),
});

const pruner = definePlugin({
  kind: 'pruner',
  name: 'first',
  cacheVersion: '1',
  source,
  options: z.strictObject({
    sparsity: z.number().min(0).lt(1).describe('fraction of the first kernel removed'),
    kernel: z.int().min(0).default(0).describe('take this kernel for the first'),
    dishonest: z.boolean().default(false).describe('remove nothing'),
  }),
  check: levelFindings,
  create: ({ sparsity, kernel, dishonest }) => ({
    sparsity,
    mask: async (pruned) => {
      calls.push(`mask ${sparsity}`);
      const { name, shape } = pruned.parameters.filter(({ role }) => role === 'kernel')[kernel]!;
      const total = sizeOf(shape);
      const mask = Uint8Array.from({ length: total }, (_, i) =>
        i < Math.round(sparsity * total) && !dishonest ? 0 : 1,
      );
      return new Map([[name, mask]]);
    },
  }),
});

const explainer = definePlugin({
  kind: 'explainer',
  name: 'gradient',
  title: 'Toy gradients',
  cacheVersion: '1',
  source,
  options: z.strictObject({ steps: z.int().min(1).default(1).describe('how often to look') }),
  create: ({ steps }) => ({
    reduction: 'sum-abs',
    explain: async (explained, images, classIndex) => {
      calls.push(`explain ${steps}`);
      const weights = (await explained.weights()).get('conv.weight')!.data;
      const factor = weights.reduce((sum, weight) => sum + weight, 0);
      const values = { ...images, data: images.data.map((value) => value * factor) };
      return { values, diagnostics: { steps: classIndex.map(() => steps) } };
    },
  }),
});

const flat = definePlugin({
  kind: 'explainer',
  name: 'flat',
  title: 'Flat',
  cacheVersion: '1',
  source,
  options: z.strictObject({}),
  create: () => ({
    reduction: 'sum-abs',
    explain: async (_model, images) => ({ values: ndArray('n h w c', images.shape), diagnostics: {} }),
  }),
});

function scores(metric: string, ids: readonly string[], values: readonly number[]): Measurement {
  return {
    metric,
    words: { name: metric, meaning: `The toy score ${metric}.` },
    aspect: 'toys',
    role: 'primary',
    direction: 'neither',
    range: [null, null],
    sample: 'image',
    ids,
    values,
    summary: 'mean',
  };
}

const mass = defineMetric({
  name: 'mass',
  cacheVersion: '1',
  source,
  inputs: ['attributions'],
  options: z.strictObject({}),
  create: () => ({
    measure: async ({ attributions }, baseline) => {
      calls.push(baseline ? 'mass against baseline' : 'mass');
      const less = baseline?.attributions ? massOf(baseline.attributions) : [];
      return [
        scores(
          'mass',
          attributions!.ids,
          massOf(attributions!).map((value, i) => value - (less[i] ?? 0)),
        ),
      ];
    },
  }),
});

function massOf({ values, ids }: Pick<Attributions, 'values' | 'ids'>): number[] {
  const size = values.data.length / ids.length;
  return ids.map((_, i) =>
    values.data.slice(i * size, (i + 1) * size).reduce((sum, value) => sum + Math.abs(value), 0),
  );
}

const again = defineMetric({
  name: 'again',
  cacheVersion: '1',
  source,
  inputs: ['model', 'images', 'explainer'],
  options: z.strictObject({}),
  create: () => ({
    measure: async ({ model: measured, images, explainer: asked }) => {
      calls.push('again');
      const batch = await images!.images([...images!.ids.keys()]);
      const { values } = await asked!.explain(measured!, batch, images!.labels, undefined, images!.ids);
      return [scores('again', images!.ids, massOf({ values, ids: images!.ids }))];
    },
  }),
});

const nonzero = defineMetric({
  name: 'nonzero',
  cacheVersion: '1',
  source,
  inputs: ['model', 'images'],
  options: z.strictObject({}),
  create: () => ({
    measure: async ({ model: measured }) => {
      const weights = await measured!.weights();
      const count = weights.get('conv.weight')!.data.filter((value) => value !== 0).length;
      return [{ ...scores('nonzero', ['conv.weight'], [count]), sample: 'parameter' }];
    },
  }),
});

const banks = defineMetric({
  name: 'banks',
  cacheVersion: '1',
  source,
  inputs: ['concepts'],
  optionalInputs: ['nullConcepts'],
  options: z.strictObject({}),
  create: () => ({
    measure: async ({ concepts: own, nullConcepts }) => [
      scores('banks', ['own', 'null'], [own!.length, nullConcepts?.length ?? 0]),
    ],
  }),
});

const concepts = definePlugin({
  kind: 'concepts',
  name: 'one',
  title: 'One concept',
  cacheVersion: '1',
  source,
  options: z.strictObject({}),
  create: () => ({
    // Importance is not measured: an array without rows.
    extract: async (_model, { ids, classIndex }) => ({
      classIndex,
      layer: 'features',
      ids,
      crops: [{ image: 0, top: 0, left: 0, size: 8 }],
      dictionary: ndArray('r d', [1, 5], Float32Array.of(1, 2, 3, 4, 5)),
      codes: ndArray('p r', [1, 1], Float32Array.of(0.1)),
      maps: ndArray('n h w r', [ids.length, 4, 4, 1]),
      importance: ndArray('n r', [0, 1]),
      importanceError: ndArray('n r', [0, 1]),
      reconstructionError: 0.1 + 0.2,
      factorisation: { iterations: 3, stop: 'converged' },
      children: [],
    }),
  }),
});

const reporter = definePlugin({
  kind: 'reporter',
  name: 'list',
  cacheVersion: '1',
  source,
  files: ['list.txt', 'list.json'],
  options: z.strictObject({}),
  create: () => ({
    write: async ({ scores: all, models, provenance, attributions, missing }) => {
      calls.push('report');
      const lines = [`study ${provenance.study.name}`];
      for (const { origin, port, failed, text } of missing)
        lines.push(`no ${port} of ${origin.instance}: ${failed}: ${text}`);
      for (const { origin, load } of all) {
        for (const { metric, values } of await load())
          lines.push(`${origin.instance} ${metric} ${JSON.stringify(values)}`);
      }
      for (const { origin, load } of models) {
        lines.push(`${origin.instance} kernel sparsity ${(await load()).proof.kernelSparsity.toFixed(4)}`);
      }
      for (const { origin, load } of attributions) lines.push(`${origin.instance} by ${(await load()).method}`);
      return new Map([
        ['list.txt', Buffer.from(`${lines.join('\n')}\n`)],
        ['list.json', Buffer.from(JSON.stringify(lines))],
      ]);
    },
  }),
});

export const apiVersion = 'plugin/v1';
export const plugins = [data, model, pruner, explainer, flat, mass, again, nonzero, banks, concepts, reporter];
