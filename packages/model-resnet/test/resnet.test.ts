import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFrom, type ModelFactory, type ModelSpec, plainServices, type Weights } from '@espalier/core';
import { describeModel } from '@espalier/core/testing';
import { openEngine } from '@espalier/engine';
import { writeSafetensors } from '@espalier/formats';
import { plugins, type ResnetName, resnet, resnet18, resnet34, resnet50 } from '@espalier/model-resnet';
import { parametersOf } from '@espalier/nn';
import { initialWeights, usualInitial } from '@espalier/nn/architectures';
import { describe, expect, test } from 'vitest';

/** By tools/reference/networks.py. */
const torchvision: Readonly<Record<string, readonly string[]>> = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/parameters.json'), 'utf8'),
);
const services = plainServices({ compute: { engine: 'wasm', inference: 'exact', training: 'exact' } });
const ops = await openEngine(services.compute);

function specOf(height: number, width: number, classes = 3): ModelSpec {
  return {
    input: { height, width, channels: 3, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    classes: Array.from({ length: classes }, (_, k) => `class ${k}`),
  };
}

async function factoryOf(options: object = { width: 4 }): Promise<ModelFactory> {
  return createFrom(resnet18, options, services);
}

describeModel('a narrow ResNet-18', {
  create: async () => (await factoryOf()).create(specOf(32, 40), 1),
  live: () => ops.live,
});

describe('the network is torchvision’s', () => {
  test.each(Object.entries(torchvision))(
    '%s has the names and shapes of the parameters, in order',
    (name, expected) => {
      const infos = parametersOf(resnet(name as ResnetName, 64, { classes: 1000 })); // the fixture is of these networks
      expect(infos.map((info) => `${info.name} ${info.shape}`.trim())).toEqual(expected);
    },
  );

  test.each([
    { height: 224, width: 224, sizes: [112, 56, 56, 28, 14, 7], widths: [112, 56, 56, 28, 14, 7] },
    { height: 32, width: 45, sizes: [16, 8, 8, 4, 2, 1], widths: [23, 12, 12, 6, 3, 2] },
  ])('layers of $height x $width images', async ({ height, width, sizes, widths }) => {
    using model = await (await factoryOf()).create(specOf(height, width), 0);
    const features = [4, 4, 4, 8, 16, 32];
    const names = ['relu', 'maxpool', 'layer1', 'layer2', 'layer3', 'layer4'];
    const flags = { isStage: true, isComplete: true, isMap: true, isNonNegative: true };
    expect(model.layers.filter(({ isStage }) => isStage)).toEqual(
      names.map((name, i) => ({
        ...{ name, height: sizes[i], width: widths[i], features: features[i], ...flags },
        ...(name === 'layer4' && { hasAffineRest: true }),
      })),
    );
  });

  test('bottlenecks give four times as many features as they have inside', async () => {
    using model = await (await createFrom(resnet50, { width: 1 }, services)).create(specOf(32, 32), 0);
    const stages = model.layers.filter(({ isStage }) => isStage);
    expect(stages.map(({ features }) => features)).toEqual([1, 1, 4, 8, 16, 32]);
  });
});

describe('initial weights are torchvision’s', () => {
  const parameters = parametersOf(resnet('resnet18', 32, { classes: 10 }));
  const weights = initialWeights(parameters, usualInitial, 5);

  test.each(['conv1.weight', 'layer2.0.downsample.0.weight', 'layer4.1.conv2.weight'])(
    '%s is Kaiming, fan out',
    (name) => {
      const { data, shape } = weights.get(name)!;
      const deviation = Math.sqrt(2 / (shape[0]! * shape[2]! * shape[3]!));
      const tolerance = 5 / Math.sqrt(data.length); // five standard errors
      expect(Math.abs(moment(data, 1) / deviation)).toBeLessThan(tolerance);
      expect(Math.abs(Math.sqrt(moment(data, 2)) / deviation - 1)).toBeLessThan(tolerance);
    },
  );

  test('the dense layer is uniform within one over the root of its inputs', () => {
    const bound = 1 / Math.sqrt(256);
    const { data } = weights.get('fc.weight')!;
    expect(Math.max(...data.map(Math.abs))).toBeLessThanOrEqual(bound);
    expect(Math.abs(moment(data, 2) / (bound ** 2 / 3) - 1)).toBeLessThan(0.1);
    expect(new Set(weights.get('fc.bias')!.data).size).toBe(10);
  });

  test('BatchNorm starts as the identity', () => {
    const constant = { weight: 1, bias: 0, running_mean: 0, running_var: 1, num_batches_tracked: 0 };
    for (const [name, value] of Object.entries(constant)) {
      expect(new Set(weights.get(`layer3.1.bn2.${name}`)!.data)).toEqual(new Set([value]));
    }
  });

  test('depend on the seed and the name alone', () => {
    const wider = initialWeights(parametersOf(resnet('resnet34', 32, { classes: 10 })), usualInitial, 5);
    expect(wider.get('layer1.0.conv1.weight')).toEqual(weights.get('layer1.0.conv1.weight'));
    expect(initialWeights(parameters, usualInitial, 6).get('conv1.weight')).not.toEqual(weights.get('conv1.weight'));
  });
});

describe('the plugins', () => {
  test('are four depths', () => {
    expect(plugins.map(({ name }) => name)).toEqual(['resnet18', 'resnet34', 'resnet50', 'resnet101']);
  });

  test('a model written and read again gives the same logits', async () => {
    const factory = await factoryOf();
    using model = await factory.create(specOf(32, 32), 3);
    using restored = await factory.restore(specOf(32, 32), {
      weights: await model.weights(),
      masks: new Map(),
      history: [],
    });
    await inFile(await model.weights(), async (weights) => {
      using loaded = await (await factoryOf({ width: 4, weights })).create(specOf(32, 32), 99);
      const images = { axes: 'n h w c', shape: [1, 32, 32, 3], data: new Float32Array(3072).fill(0.3) } as const;
      const logits = await model.predict(images);
      expect(await loaded.predict(images)).toEqual(logits);
      expect(await restored.predict(images)).toEqual(logits);
    });
  });

  test('the fingerprint follows the file’s content', async () => {
    const fingerprint = (weights: string | null) =>
      resnet18.fingerprint!({ width: 4, weights, head: 'weights' }, services);
    const weights = initialWeights(parametersOf(resnet('resnet18', 4, { classes: 2 })), usualInitial, 0);
    const first = await inFile(weights, fingerprint);
    expect(await inFile(weights, fingerprint)).toBe(first);
    const other = initialWeights(parametersOf(resnet('resnet18', 4, { classes: 2 })), usualInitial, 1);
    expect(await inFile(other, fingerprint)).not.toBe(first);
    expect(await fingerprint(null)).toBe('random');
  });

  test('a missing weights file is named', async () => {
    const factory = await factoryOf({ weights: 'weights/none.safetensors' });
    await expect(factory.create(specOf(32, 32), 0)).rejects.toMatchObject({
      code: 'core/data-missing',
      message: expect.stringMatching(
        /^Expected the file that the option "weights" names \(weights\/none\.safetensors\) at \S+none\.safetensors, which does not exist\. Give the path/,
      ),
    });
  });

  test('weights of another width are refused, with the parameters that differ', async () => {
    const narrow = initialWeights(parametersOf(resnet('resnet18', 2, { classes: 3 })), usualInitial, 0);
    await inFile(narrow, async (weights) => {
      const factory = await factoryOf({ width: 4, weights });
      await expect(factory.create(specOf(32, 32), 0)).rejects.toThrow(
        '"conv1.weight" must have the shape [4, 3, 7, 7], found [2, 3, 7, 7]',
      );
    });
  });

  test('images smaller than 32 pixels are refused', async () => {
    await expect((await factoryOf()).create(specOf(31, 64), 0)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[StudyError: A ResNet takes RGB images of at least 32 x 32 pixels; found 31 x 64 with 3 channels. Choose a larger size in the dataset's options.]`,
    );
  });

  test('resnet34 computes', async () => {
    const factory = await createFrom(resnet34, { width: 2 }, services);
    using model = await factory.create(specOf(32, 32), 0);
    const images = { axes: 'n h w c', shape: [1, 32, 32, 3], data: new Float32Array(3072).fill(0.7) } as const;
    expect((await model.predict(images)).data.every(Number.isFinite)).toBe(true);
  });
});

function moment(values: Float32Array, power: number): number {
  return values.reduce((sum, value) => sum + value ** power, 0) / values.length;
}

async function inFile<Result>(weights: Weights, work: (path: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'espalier-resnet-'));
  try {
    const path = join(folder, 'weights.safetensors');
    await writeFile(path, writeSafetensors(weights));
    return await work(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}
