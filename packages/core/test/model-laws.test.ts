import {
  type Checkpoint,
  expectFinite,
  expectShape,
  type Masks,
  type Model,
  type NdArray,
  ndArray,
  StudyError,
  type TrainHooks,
  type TrainOptions,
  type Weights,
} from '@espalier/core';
import { type ModelMaker, modelLaws, toyModel } from '@espalier/core/testing';
import { expect, test } from 'vitest';

let calls = 0;
let live = 0;

// Each law must catch the mistake it exists for.
const broken: Record<keyof typeof modelLaws, Partial<Model> | ((model: Model) => Partial<Model>)> = {
  'gives one finite logit per image and class': (model) => ({
    predict: async (images) => filled(await model.predict(images), Number.NaN),
  }),
  'gives nothing for no images': (model) => ({
    predict: async (images) => model.predict(images.shape[0] === 0 ? { ...images, shape: [1, 8, 8, 3] } : images),
  }),
  'gives the same results every time': (model) => ({
    predict: async (images) => filled(await model.predict(images), calls++),
  }),
  'treats every image alone': (model) => ({
    predict: async (images) => {
      const logits = await model.predict(images);
      const mean = logits.data.reduce((sum, value) => sum + value, 0) / logits.data.length; // of the batch, not of the image
      return { ...logits, data: logits.data.map((value) => value - mean) };
    },
  }),
  'has an input gradient that is the slope of the logit': (model) => ({
    inputGradient: async (images, classIndex) => {
      const gradient = await model.inputGradient(images, classIndex);
      return { ...gradient, data: gradient.data.map(Math.abs) };
    },
  }),
  'has activations of the sizes that its layers name': {
    layers: [{ name: 'features', height: 4, width: 4, features: 6, isStage: true, isComplete: true }],
  },
  'classifies from any layer as from the image': (model) => ({
    classify: async (values, layer) => filled(await model.classify(values, layer), 1),
  }),
  'is affine behind the layers that it says so of': (model) => ({
    async classify(values, layer) {
      const logits = await model.classify(values, layer);
      return { ...logits, data: logits.data.map((value) => Math.max(0, value)) };
    },
  }),
  'has gradients of activations that are the slopes of the logit': (model) => ({
    activationGradient: async (images, layer, classIndex) => {
      const gradient = await model.activationGradient(images, layer, classIndex);
      return { ...gradient, data: gradient.data.map((value) => 2 * value) };
    },
  }),
  'has gradients of parameters that are the slopes of the loss': (model) => ({
    parameterGradient: (images, of) =>
      model.parameterGradient(images, 'data' in of ? of : of.map((label) => 1 - label)),
  }),
  'has mean squares of what its kernels are multiplied with, over images': (model) => ({
    inputSquares: async (images) => {
      const squares = [...(await model.inputSquares(images))];
      const count = images.shape[0]!; // sums over images
      return new Map(
        squares.map(([name, array]) => [name, { ...array, data: array.data.map((value) => count * value) }]),
      );
    },
  }),
  'hands a logit back to the image by rules, and tells where the rest of it is': (model) => ({
    async inputRelevance(...asked) {
      const found = await model.inputRelevance(...asked);
      return { ...found, absorbed: found.absorbed.map(() => 0) };
    },
  }),
  'is the same when it is compacted': (model) => ({
    masked: async (masks) => ({ ...(await model.masked(masks)), compacted: async () => model }),
  }),
  'counts its multiply-accumulates: as many with masks, no more when it is compacted': (model) => ({
    masked: async (masks) => ({
      ...(await model.masked(masks)),
      multiplyAccumulates: () => ({ perWeight: new Map([['fc.weight', 1]]), ofValues: 0 }),
    }),
  }),
  'has channels that can go: masked whole and compacted, exactly their parts are missing': (model) => ({
    channelGroups: () => {
      const { groups, kept } = model.channelGroups();
      const without = (parameter: string) =>
        groups.map(({ name, channels }) => ({
          name,
          channels: channels.map((parts) => parts.filter((part) => part.parameter !== parameter)),
        }));
      return { groups: without('conv.bias'), kept };
    },
  }),
  'leaves its inputs as they were': (model) => ({
    predict: async (images) => {
      const logits = await model.predict(images);
      images.data[0] = 0.5;
      return logits;
    },
  }),
  'lists its weights as its parameters say, as copies': () => {
    const shared = toyModel().weights();
    return { weights: () => shared };
  },
  'refuses what it cannot compute with': () => ({ inputGradient: (...inputs) => toyModel().inputGradient(...inputs) }),
  'holds masks, and every mask it held before': () => ({ masked: (masks) => forgetful(masks) }),
  'takes other weights, and holds its masks on them': (model) => ({
    masked: async (masks) => {
      const masked = await model.masked(masks);
      return { ...masked, withWeights: (weights) => model.withWeights(weights) };
    },
  }),
  'takes other masks with other weights, and then holds those alone': (model) => ({
    masked: async (masks) => {
      const masked = await model.masked(masks);
      return { ...masked, withWeights: (weights) => masked.withWeights(weights) };
    },
  }),
  'takes another normalisation, under which other images are the same': (model) => ({
    withNormalisation: async () => model,
  }),
  'trains to a new model and stays as it was': (model) => ({ train: async () => model }),
  'holds its masks through training': (model) => ({
    masked: async (masks) => {
      const masked = await model.masked(masks);
      return { ...masked, train: (...inputs) => model.train(...inputs) };
    },
  }),
  'resumes from a checkpoint as if it had never stopped': (model) => ({
    train: (source, options, hooks = {}) => {
      const { resume, ...rest } = hooks;
      return model.train(source, { ...options, epochs: options.epochs - (resume?.epoch ?? 0) }, rest);
    },
  }),
  'refuses work after it was disposed of': { [Symbol.dispose]: () => {} },
  'leaves nothing on the device after it was disposed of': (model) => ({
    predict: (images) => {
      live++;
      return model.predict(images);
    },
  }),
};

const sound: ModelMaker = { create: () => soundModel(), live: () => live };

test.each(Object.keys(modelLaws))('a sound model keeps "%s"', async (law) => {
  await modelLaws[law]!(sound);
});

test.each(Object.entries(broken))('"%s" catches a model that breaks it', async (law, change) => {
  const create = (): Model => {
    const model = soundModel();
    return { ...model, ...(typeof change === 'function' ? change(model) : change) };
  };
  await expect(modelLaws[law]!({ ...sound, create })).rejects.toThrow();
});

test('every law has its broken model', () => {
  expect(Object.keys(broken).sort()).toEqual(Object.keys(modelLaws).sort());
});

/** Masks, but forgets the ones that it held before. */
async function forgetful(masks: Masks): Promise<Model> {
  const masked = await toyModel().masked(masks);
  return { ...masked, masked: forgetful };
}

function filled<Axes extends string>(array: NdArray<Axes>, value: number): NdArray<Axes> {
  return { ...array, data: array.data.map(() => value) };
}

/** The toy model with what it leaves out: checks, disposal, and a training that multiplies all weights step by step. */
function soundModel(toy = toyModel(), scale = 1, history: Model['history'] = []): Model {
  let disposed = false;
  const check = (images: NdArray<'n h w c'>): void => {
    if (disposed) throw new StudyError('core/not-supported', 'disposed');
    expectShape(images, [null, 8, 8, 3], 'images');
    expectFinite(images.data, 'images');
  };
  const scaled = <Axes extends string>(array: NdArray<Axes>): NdArray<Axes> => ({
    ...array,
    data: array.data.map((value) => value * scale),
  });
  return {
    ...toy,
    history,
    async predict(images) {
      check(images);
      return scaled(await toy.predict(images));
    },
    async inputGradient(images, classIndex) {
      check(images);
      if (classIndex.length !== images.shape[0] || classIndex.some((k) => k >= 3)) {
        throw new StudyError('core/shape-mismatch', 'class indices');
      }
      return scaled(await toy.inputGradient(images, classIndex));
    },
    classify: async (values, layer) => scaled(await toy.classify(values, layer)),
    async weights(): Promise<Weights> {
      if (disposed) throw new StudyError('core/not-supported', 'disposed');
      return new Map(
        [...(await toy.weights())].map(([name, array]) => [name, name === 'fc.weight' ? scaled(array) : array]),
      );
    },
    async masked(masks) {
      for (const [name, mask] of masks) {
        const parameter = toy.parameters.find((known) => known.name === name);
        const size = parameter?.shape.reduce((product, length) => product * length, 1);
        if (mask.length !== size) throw new StudyError('core/masks-mismatch', name);
      }
      return soundModel(await toy.masked(masks), scale, history);
    },
    withWeights: async (...given) => soundModel(await toy.withWeights(...given), 1, history),
    train: (_, options, hooks) => train(toy, scale, options, hooks),
    [Symbol.dispose]() {
      disposed = true;
    },
  };
}

async function train(toy: Model, start: number, { epochs }: TrainOptions, hooks: TrainHooks = {}): Promise<Model> {
  let scale = hooks.resume?.optimizer.get('fc.weight:scale')?.data[0] ?? start;
  const history = [...(hooks.resume?.history ?? [])];
  for (let epoch = hooks.resume?.epoch ?? 0; epoch < epochs; epoch++) {
    scale = Math.fround(scale * 1.5);
    history.push({ epoch: epoch + 1, loss: 1 / scale, accuracy: 0, learningRate: 0.05 });
    const checkpoint: Checkpoint = {
      epoch: epoch + 1,
      weights: new Map(),
      optimizer: new Map([['fc.weight:scale', ndArray('', [], Float32Array.of(scale))]]),
      step: epoch + 1,
      history: [...history],
    };
    await hooks.onEpoch?.(checkpoint);
  }
  return soundModel(toy, scale, history);
}
