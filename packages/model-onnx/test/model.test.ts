import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createFrom, type ModelSpec, parseOptions, plainServices } from '@espalier/core';
import { describeModel } from '@espalier/core/testing';
import { openEngine } from '@espalier/engine';
import { model } from '@espalier/model-onnx';
import { describe, expect, onTestFinished, test } from 'vitest';

const folder = join(import.meta.dirname, 'fixtures');
const services = plainServices({ folder, compute: { engine: 'wasm', inference: 'exact', training: 'exact' } });
const ops = await openEngine(services.compute);
const scale = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const names = (count: number) => Array.from({ length: count }, (_, k) => `class ${k}`);

function specOf(height: number, width: number, classes = 10): ModelSpec {
  return { input: { height, width, channels: 3, mean: [0, 0, 0], std: [1, 1, 1] }, classes: names(classes) };
}

async function networkOf(file: string, spec: ModelSpec, options: object = {}) {
  return (await createFrom(model, { file, ...scale, ...options }, services)).create(spec, 1);
}

describeModel('a convolutional network from a file', {
  create: () => networkOf('mobilenet_v3.recipe.onnx', specOf(32, 32)),
  live: () => ops.live,
});

describeModel('a vision transformer from a file, with a new head', {
  create: () => networkOf('vit_b_16.recipe.onnx', specOf(32, 32, 3), { head: 'new' }),
  live: () => ops.live,
});

test('tokens know their place on the image', async () => {
  using network = await networkOf('vit_b_16.recipe.onnx', specOf(32, 32));
  const layer = network.layers.find(({ name }) => name === 'encoder.layers.encoder_layer_0');
  expect(layer).toMatchObject({
    height: 1,
    width: 17,
    features: 16,
    grid: { height: 4, width: 4, leading: 1, isRead: true },
    isStage: true,
    isComplete: true,
  });
  const readOf = (name: string) => network.layers.find((layer) => layer.name === name)?.grid?.isRead;
  // Attention in the last block is the last that looks at them.
  expect(['cat', 'encoder.layers.encoder_layer_1:add_3', 'encoder.layers', 'encoder'].map(readOf)).toEqual([
    ...[true, false, false, false],
  ]);
});

test('the model normalises by its own options, whatever the data says', async () => {
  using network = await networkOf('resnet50.recipe.onnx', specOf(32, 32));
  expect(network.input).toMatchObject(scale);
});

describe('What cannot fit is told by the plan', () => {
  const images = { height: 32, width: 32, classes: names(10) };
  const findings = (options: object, seen = images) =>
    model.check!(parseOptions(model, { file: 'resnet50.recipe.onnx', ...scale, ...options }), {
      folder,
      images: seen,
    }).map(({ path, text }) => `${path.join('.')}: ${text}`);

  test('names of classes may stand in a file, one a line', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'espalier-classes-')), 'names.txt');
    onTestFinished(() => rmSync(dirname(file), { recursive: true }));
    writeFileSync(file, `${names(10).join('\r\n')}\n`);
    expect(findings({ classes: file })).toEqual([]);
    writeFileSync(file, names(10).with(4, 'fox').join('\n'));
    expect(findings({ classes: file })).toEqual([expect.stringMatching(/^classes: The network's class 4 is "fox"/)]);
    writeFileSync(file, 'cat\n\ndog');
    expect(findings({ classes: file })).toEqual([expect.stringContaining('found nothing in line 2.')]);
  });

  test('an estimate of memory grows with what is trained, and is not made up of what cannot be read', () => {
    const memory = (file: string, batchSize?: number) =>
      model.memory!(
        parseOptions(model, { file, ...scale }),
        { height: 32, width: 32, ...(batchSize && { training: { batchSize, slots: 2 } }) },
        { folder },
      );
    expect(memory('resnet50.recipe.onnx')).toBeGreaterThan(1e6);
    expect(memory('resnet50.recipe.onnx', 64)).toBeGreaterThan(memory('resnet50.recipe.onnx', 8)!);
    expect(memory('none.onnx')).toBeUndefined();
  });

  test('nothing is wrong', () => {
    expect(findings({})).toEqual([]);
    expect(findings({ classes: names(10) })).toEqual([]);
  });

  test.each<[object, Partial<typeof images>, RegExp]>([
    [
      {},
      { height: 64 },
      /^file: \S+ takes images of 32 x 32 pixels, the data has 64 x 32\. Set the size in the dataset's options, or export the network for that size\.$/,
    ],
    [{ size: [32, 40] }, {}, /takes images of 32 x 32 pixels, the option "size" says 32 x 40/],
    [{}, { classes: names(3) }, /^head: \S+ tells 10 classes apart, the data has 3\. Set "head" to "new"/],
    [
      { classes: names(10).with(4, 'fox') },
      {},
      /^classes\.4: The network's class 4 is "fox", that of the data "class 4"/,
    ],
    [{ classes: names(9) }, {}, /^classes: The network's class 9 is none, that of the data "class 9"/],
    [{ head: 'new', classes: names(3) }, { classes: names(3) }, /^classes: A new head has the classes of the data/],
    [
      { file: 'none.onnx' },
      {},
      /^file: Expected the ONNX model that the option "file" names \(none\.onnx\) at \S+, which does not exist\./,
    ],
    [
      { file: 'resnet50.default.onnx' },
      {},
      /^folded: \S+ its BatchNorm was folded into the kernels, .* Export it with torch\.onnx\.export/,
    ],
    [{ folded: true }, {}, /^folded: \S+ the option "folded" is true, but no BatchNorm was folded/],
    [{ file: 'resnet50.legacy.onnx', folded: false }, {}, /^folded: \S+ its BatchNorm was folded into the kernels/],
    [
      { classes: 'none.txt' },
      {},
      /^classes: Expected the file of class names that the option "classes" names \(none\.txt\) at \S+, which does not exist/,
    ],
    [
      { classes: 'images-32x32.safetensors' },
      {},
      /^classes: Expected the file of class names .* to have a name in each of its lines, two or more; found bytes that are no UTF-8 text\./,
    ],
    [{ output: 'other' }, {}, /^file: \S+ it has no output "other"; it has "linear"\. Correct the option "output"\.$/],
  ])('%j with %j', (options, changes, text) => {
    expect(findings(options, { ...images, ...changes })).toEqual([expect.stringMatching(text)]);
  });

  test('a missing mean is explained', () => {
    expect(() => parseOptions(model, { file: 'resnet50.recipe.onnx', std: scale.std })).toThrow(
      'expected the mean of red, green and blue that the network was trained with: an ONNX file does not say it. Networks trained on ImageNet mostly have [0.485, 0.456, 0.406]',
    );
  });

  // Over one place a mean is nothing: layer4 and avgpool are one.
  test('layers and kernels are known before anything runs', () => {
    const outline = model.modelOutline!(parseOptions(model, { file: 'resnet50.recipe.onnx', ...scale }), images, {
      folder,
    });
    expect(outline?.layers.filter(({ isStage }) => isStage).map(({ name }) => name)).toEqual([
      'conv1',
      'bn1',
      'relu',
      'maxpool',
      'layer1',
      'layer2',
      'layer3',
      'layer4',
    ]);
    expect(outline?.kernels.at(-1)).toBe('fc.weight');
  });

  test.each(['mobilenet_v3', 'efficientnet_b0', 'convnext_tiny'])('the last stage of %s still has places', (name) => {
    const outline = model.modelOutline!(parseOptions(model, { file: `${name}.recipe.onnx`, ...scale }), images, {
      folder,
    });
    expect(outline?.layers.findLast(({ isStage }) => isStage)?.name).toBe('features');
  });
});

test('the digest of a file is that of its bytes', async () => {
  const digestOf = (file: string, folded = false) =>
    model.fingerprint!(parseOptions(model, { file, folded, ...scale }), services);
  expect(await digestOf('resnet50.recipe.onnx')).toBe(await digestOf('resnet50.recipe.onnx'));
  expect(await digestOf('resnet50.recipe.onnx')).not.toBe(await digestOf('resnet50.default.onnx', true));
  await expect(digestOf('images-32x32.safetensors')).rejects.toThrow(
    'expected an ONNX model, but it is a safetensors file',
  );
});
