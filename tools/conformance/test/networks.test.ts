import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createFrom,
  type Model,
  type NdArray,
  type Plugin,
  plainServices,
  type TrainOptions,
  trainOptions,
  type Weights,
} from '@espalier/core';
import { readSafetensors } from '@espalier/formats';
import { mobilenetV2 } from '@espalier/model-mobilenet';
import { resnet18, resnet50, resnet101 } from '@espalier/model-resnet';
import { vgg11, vgg16Bn, vgg19 } from '@espalier/model-vgg';
import { vitMini8 } from '@espalier/model-vit';
import { describe, expect, test } from 'vitest';
import { madeImages, madeWeights, sampled } from './made-values.ts';
import { hasTensorflow, mean, std } from './reference.ts';

/** A network as tools/reference/networks.py has it. */
interface Copy {
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: each plugin has its own options type; the schema guards it
  readonly plugin: Plugin<'model', any>;
  readonly options?: object;
  readonly size?: readonly [height: number, width: number];
  /** Of the images that it is trained on, where it is. */
  readonly trained?: number;
}

const copies: readonly Copy[] = [
  { name: 'resnet18', plugin: resnet18, options: { width: 4 }, trained: 64 },
  { name: 'resnet50', plugin: resnet50, options: { width: 4 } },
  { name: 'resnet101', plugin: resnet101, options: { width: 4 } },
  { name: 'vgg11', plugin: vgg11, options: { width: 2 }, trained: 64 },
  { name: 'vgg16-bn', plugin: vgg16Bn, options: { width: 2 }, trained: 64 },
  { name: 'vgg19', plugin: vgg19, options: { width: 2 } },
  { name: 'vgg11-32x64', plugin: vgg11, options: { width: 2 }, size: [32, 64] },
  { name: 'mobilenet-v2', plugin: mobilenetV2, options: { widthMultiplier: 0.25 }, trained: 64 },
  { name: 'vit-mini-8', plugin: vitMini8, trained: 32 },
];
const labels = [1, 3];

describe.each([
  { engine: 'tensorflow', tolerance: 2e-3 },
  { engine: 'wasm', tolerance: 5e-3 },
] as const)('on $engine, narrow copies of the networks are those of PyTorch:', ({ engine, tolerance }) => {
  const isMissing = engine === 'tensorflow' && !hasTensorflow;

  test.skipIf(isMissing).each(copies)('$name (skipped without native TensorFlow)', async (copy) => {
    const { tensors, metadata } = fixture(copy.name);
    const [height, width] = copy.size ?? [32, 32];
    using model = await made(engine, copy, height, width);
    const images = madeImages(1000, labels.length, height, width);
    const layer = metadata.layer!;
    const found: Readonly<Record<string, ArrayLike<number>>> = {
      logits: (await model.predict(images)).data,
      inputGradient: (await model.inputGradient(images, labels)).data,
      activations: (await model.activations(images, layer)).data,
      activationGradient: (await model.activationGradient(images, layer, labels)).data,
      parameterGradient: samplesOf(await model.parameterGradient(images, labels)),
    };
    for (const [what, values] of Object.entries(found))
      expect(relativeError(values, tensors.get(what)!), what).toBeLessThan(tolerance);
  });

  test.skipIf(isMissing).each(copies.filter(({ trained }) => trained !== undefined))(
    'two steps of training $name (skipped without native TensorFlow)',
    async (copy) => {
      const { tensors } = fixture(copy.name);
      const side = copy.trained!; // those that are trained have it
      using model = await made(engine, copy, side, side);
      const batch = { images: madeImages(2000, 4, side, side), labels: [0, 1, 2, 3] };
      const losses: number[] = [];
      const source = {
        imagesPerEpoch: 8,
        batchesPerEpoch: 2,
        epoch: async function* () {
          yield batch;
          yield batch;
        },
      };
      using trained = await model.train(source, sgd, { onStep: ({ loss }) => losses.push(loss) });
      expect(relativeError(losses, tensors.get('trainingLosses')!), 'losses').toBeLessThan(tolerance);
      const before = samplesOf(await model.weights());
      const expected = tensors.get('trainedWeights')!;
      const changes = samplesOf(await trained.weights()).map((value, i) => value - before[i]!);
      const expectedChanges = { ...expected, data: expected.data.map((value, i) => value - before[i]!) };
      expect(relativeError(changes, expectedChanges), 'what training changed').toBeLessThan(10 * tolerance);
    },
  );
});

const sgd: TrainOptions = trainOptions.parse({
  epochs: 1,
  batchSize: 4,
  optimizer: { name: 'sgd', momentum: 0.9 },
  schedule: { name: 'constant' },
  learningRate: 1e-4,
  weightDecay: 0,
});

async function made(engine: 'tensorflow' | 'wasm', copy: Copy, height: number, width: number): Promise<Model> {
  const compute = { engine, inference: 'exact', training: 'exact' } as const;
  const factory = await createFrom(copy.plugin, copy.options ?? {}, plainServices({ compute }));
  const input = { height, width, channels: 3, mean: [...mean], std: [...std] };
  const spec = { input, classes: ['a', 'b', 'c', 'd', 'e'] };
  using random = await factory.create(spec, 0);
  return random.withWeights(madeWeights(random.parameters));
}

function fixture(name: string) {
  return readSafetensors(readFileSync(join(import.meta.dirname, `fixtures/networks/${name}.safetensors`)));
}

function samplesOf(weights: Weights): readonly number[] {
  return [...weights.values()].flatMap(({ data }) => sampled(data));
}

/** Root of the summed squares of the differences, over that of what is expected. */
function relativeError(found: ArrayLike<number>, { data }: NdArray): number {
  expect(found.length).toBe(data.length);
  let [difference, norm] = [0, 0];
  data.forEach((value, i) => {
    difference += (found[i]! - value) ** 2;
    norm += value ** 2;
  });
  return Math.sqrt(difference / norm);
}
