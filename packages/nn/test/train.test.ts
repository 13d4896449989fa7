import {
  type BatchSource,
  type Checkpoint,
  type Model,
  proveSparsity,
  rows,
  type TrainHooks,
  type TrainOptions,
  trainOptions,
  type Weights,
} from '@espalier/core';
import type { Ops } from '@espalier/engine';
import { describe, expect, test } from 'vitest';
import { engines, slowOps } from '../../engine/test/support/index.ts';
import { networkModel } from '../src/model/network-model.ts';
import { smallClasses, smallImages, smallInput, smallNetwork, smallWeights } from './small-network.ts';

const slow = slowOps();

function modelOn(ops: Ops, weights: Weights = smallWeights()): Model {
  return networkModel({
    ops,
    compute: { inference: 'exact', training: 'exact' },
    network: smallNetwork,
    spec: { input: smallInput, classes: smallClasses },
    weights,
    masks: new Map(),
    history: [],
  });
}

/** Six images in batches of four and two, with labels that can be learnt. */
const source: BatchSource = {
  imagesPerEpoch: 6,
  batchesPerEpoch: 2,
  async *epoch() {
    const images = smallImages(6);
    yield { images: rows(images, 0, 4), labels: [0, 1, 2, 0] };
    yield { images: rows(images, 4, 6), labels: [1, 2] };
  },
};

function options(changes: Record<string, unknown>): TrainOptions {
  return trainOptions.parse({ epochs: 25, learningRate: 0.05, schedule: { name: 'constant' }, ...changes });
}

const optimizers = [
  { name: 'sgd', momentum: 0.9, nesterov: true },
  { name: 'adamw', epsilon: 1e-8 },
  { name: 'ranger', lookaheadSteps: 3 },
] as const;

/** Keeps a third of every kernel. */
function thirds(model: Model): Map<string, Uint8Array> {
  const kernels = model.parameters.filter(({ role }) => role === 'kernel');
  return new Map(
    kernels.map(({ name, shape }) => [
      name,
      Uint8Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Number(i % 3 === 0)),
    ]),
  );
}

describe.each(engines)('masks on $name$reason', ({ ops }) => {
  test.skipIf(!ops).each(optimizers)(
    'are held for 50 steps of $name, with decay, optimizer state included',
    async (optimizer) => {
      using dense = modelOn(ops!);
      const masks = thirds(dense);
      using masked = await dense.masked(masks);
      let last: Checkpoint | undefined;
      const hooks: TrainHooks = {
        onEpoch: (checkpoint) => {
          last = checkpoint;
          expectHeld(checkpoint.weights, masks);
        },
      };
      using trained = await masked.train(source, options({ optimizer, weightDecay: 0.1, decayAll: true }), hooks);
      expect(last!.step).toBe(50);
      expectHeld(await trained.weights(), masks);
      expectHeld(last!.optimizer, masks);
      expect((await proveSparsity(trained)).kernels, 'nonzero weights').toEqual((await proveSparsity(masked)).kernels);
      expect(trained.masks).toEqual(masks);
      expect(trained.history.at(-1)!.loss, 'what is left still learns').toBeLessThan(trained.history[0]!.loss);
    },
  );
});

function expectHeld(values: Weights, masks: ReadonlyMap<string, Uint8Array>): void {
  for (const [key, { data }] of values) {
    const mask = masks.get(key.split(':')[0]!);
    if (!mask) continue;
    expect(data.filter((value, i) => mask[i] === 0 && value !== 0).length, `${key}: removed but not zero`).toBe(0);
    expect(data.filter((value, i) => mask[i] === 1 && value !== 0).length, `${key}: kept`).toBeGreaterThan(0);
  }
}

describe('decay', () => {
  test.each([
    { decayAll: false, decayed: ['kernel'] },
    { decayAll: true, decayed: ['kernel', 'bias', 'scale', 'shift'] },
  ])('touches $decayed when decayAll is $decayAll', async ({ decayAll, decayed }) => {
    using model = modelOn(slow);
    const still = { epochs: 1, optimizer: { name: 'sgd', momentum: 0 }, learningRate: 1e-3 };
    using plain = await model.train(source, options({ ...still, weightDecay: 0 }));
    using strong = await model.train(source, options({ ...still, weightDecay: 10, decayAll }));
    const [free, shrunk] = [await plain.weights(), await strong.weights()];
    for (const { name, role } of model.parameters.filter((parameter) => parameter.role !== 'statistic')) {
      // Two steps of 1e-3 * 10 take two percent; the changed gradients of the second step move far less.
      const size = (weights: Weights) => Math.hypot(...weights.get(name)!.data);
      const ratio = size(shrunk) / size(free);
      if (decayed.includes(role)) expect(ratio, name).toBeLessThan(0.99);
      else expect(Math.abs(ratio - 1), name).toBeLessThan(5e-3);
    }
  });
});

test('both engines train as the slow twin does', async () => {
  const short = options({ epochs: 3, labelSmoothing: 0.1, schedule: { name: 'cosine' } });
  using expected = await modelOn(slow).train(source, short);
  const reference = await expected.weights();
  for (const { ops } of engines) {
    if (!ops) continue;
    using trained = await modelOn(ops).train(source, short);
    expect(trained.history.length).toBe(3);
    trained.history.forEach((record, i) => {
      expect(record.loss).toBeCloseTo(expected.history[i]!.loss, 3);
    });
    for (const [name, { data }] of await trained.weights()) {
      const twin = reference.get(name)!.data;
      const worst = data.reduce((most, value, i) => Math.max(most, Math.abs(value - twin[i]!)), 0);
      expect(worst, name).toBeLessThan(2e-3); // six steps at 0.05 amplify float32 rounding
    }
  }
});

test('counts steps, images, epochs and BatchNorm’s batches', async () => {
  using model = modelOn(slow);
  const steps: unknown[] = [];
  using trained = await model.train(source, options({ epochs: 2 }), {
    onStep: ({ loss, ...rest }) => {
      expect(loss).toBeGreaterThan(0);
      steps.push(rest);
    },
  });
  expect(steps).toEqual([
    { epoch: 0, step: 1, done: 4, total: 12 },
    { epoch: 0, step: 2, done: 6, total: 12 },
    { epoch: 1, step: 3, done: 10, total: 12 },
    { epoch: 1, step: 4, done: 12, total: 12 },
  ]);
  expect(trained.history.map(({ epoch, learningRate }) => ({ epoch, learningRate }))).toEqual([
    { epoch: 1, learningRate: 0.05 },
    { epoch: 2, learningRate: 0.05 },
  ]);
  expect((await trained.weights()).get('stem.norm.num_batches_tracked')!.data).toEqual(Float32Array.of(7 + 4));
  using further = await trained.train(source, options({ epochs: 1 }));
  expect(further.history.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
});

test('no epochs give the same weights', async () => {
  using model = modelOn(slow);
  using trained = await model.train(source, options({ epochs: 0 }));
  expect(await trained.weights()).toEqual(await model.weights());
});

test('resumes with AdamW and masks byte for byte', async () => {
  const ops = engines.find((engine) => engine.ops)?.ops ?? slow;
  const adamw = options({ epochs: 3, optimizer: { name: 'adamw' }, learningRate: 1e-3 });
  using dense = modelOn(ops);
  using model = await dense.masked(thirds(dense));
  const checkpoints: Checkpoint[] = [];
  using whole = await model.train(source, adamw, { onEpoch: (checkpoint) => void checkpoints.push(checkpoint) });
  using resumed = await model.train(source, adamw, { resume: checkpoints[1]! });
  expect(await resumed.weights()).toEqual(await whole.weights());
  using finished = await model.train(source, adamw, { resume: checkpoints[2]! });
  expect(await finished.weights()).toEqual(await whole.weights());
});

test('a loss that is not finite stops the run with a sentence and leaves nothing behind', async () => {
  using model = modelOn(slow);
  const live = slow.live;
  await expect(model.train(source, options({ learningRate: 1e38 }))).rejects.toThrowErrorMatchingInlineSnapshot(
    `[StudyError: Training diverged: the loss became NaN in epoch 1, step 2, at learning rate 1e+38. Try a peak learning rate ten times smaller, or a longer warmup; if that does not help, look for broken images.]`,
  );
  expect(slow.live).toBe(live);
});

test('an aborted run stops before its next step', async () => {
  using model = modelOn(slow);
  const controller = new AbortController();
  const hooks: TrainHooks = { signal: controller.signal, onStep: () => controller.abort(new Error('stop here')) };
  await expect(model.train(source, options({}), hooks)).rejects.toThrow('stop here');
});

test('memory is flat over an epoch', async () => {
  for (const ops of [slow, ...engines.flatMap((engine) => engine.ops ?? [])]) {
    using model = modelOn(ops);
    const alive: number[] = [];
    using _ = await model.train(source, options({ epochs: 3 }), { onStep: () => void alive.push(ops.live) });
    expect(new Set(alive).size, `live tensors after each step on ${ops.engine}: ${alive}`).toBe(1);
  }
});

test('weights that the last step made infinite stop the run before they are a checkpoint', async () => {
  using model = modelOn(slow);
  const live = slow.live;
  const checkpoints: Checkpoint[] = [];
  const first: BatchSource = {
    ...source,
    batchesPerEpoch: 1,
    async *epoch(index) {
      for await (const batch of source.epoch(index)) {
        yield batch;
        return;
      }
    },
  };
  await expect(
    model.train(first, options({ learningRate: 3e38, weightDecay: 10 }), {
      onEpoch: (checkpoint) => void checkpoints.push(checkpoint),
    }),
  ).rejects.toThrow(/^Training diverged: ".+" became -?(Infinity|NaN) after epoch 1, step 1, at learning rate 3e\+38/);
  expect(checkpoints).toEqual([]);
  expect(slow.live).toBe(live);
});
