import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { createFrom, type Model, type Plugin, plainServices } from '@espalier/core';
import { initialDistribution, layerGroups } from '@espalier/metrics';
import * as onnx from '@espalier/model-onnx';
import { resnet18 } from '@espalier/model-resnet';
import { vgg11Bn } from '@espalier/model-vgg';
import { vitMini8 } from '@espalier/model-vit';
import { expect, test } from 'vitest';

const services = plainServices({
  folder: join(import.meta.dirname, '../../../packages/model-onnx/test/fixtures'),
  compute: { engine: 'wasm', inference: 'exact', training: 'exact' },
});

async function randomised<Options>(
  plugin: Plugin<'model', Options>,
  options: object,
  classes: number,
): Promise<ReadonlyMap<string, Float32Array>> {
  const input = { height: 32, width: 32, channels: 3, mean: [0, 0, 0], std: [1, 1, 1] };
  const names = Array.from({ length: classes }, (_, k) => `class ${k}`);
  const factory = await createFrom(plugin, options, services);
  using model: Model = await factory.create({ input, classes: names }, 1);
  const randomise = initialDistribution(7);
  const weights = await model.weights();
  const masks = { before: model.masks, after: model.masks };
  return new Map(layerGroups(model.parameters, 1, 'joins').flatMap((layer) => [...randomise(layer, weights, masks)]));
}

const deviation = (values: Float32Array | undefined): number =>
  Math.sqrt(values!.reduce((sum, value) => sum + value * value, 0) / values!.length);
const largest = (values: Float32Array | undefined): number => Math.max(...values!.map(Math.abs));

test('random parameters of a ResNet are what they always were, to the last bit', async () => {
  const hash = createHash('sha256');
  for (const [name, values] of await randomised(resnet18, { width: 4 }, 3))
    hash.update(name).update(new Uint8Array(values.buffer));
  expect(hash.digest('hex')).toBe('2109e920b99ba375dcb00bf4ac9ebfe27d71c6af1bc0dfcb97a2491d4b4f25a5');
});

test('other architectures are drawn by their own rules: a small dense kernel of VGG, a head of zeros of a transformer', async () => {
  const vgg = await randomised(vgg11Bn, { width: 2 }, 3);
  expect(deviation(vgg.get('classifier.3.weight')) / 0.01).toBeCloseTo(1, 1);
  expect(largest(vgg.get('classifier.3.bias'))).toBe(0);
  const vit = await randomised(vitMini8, {}, 3);
  expect(largest(vit.get('heads.head.weight'))).toBe(0);
  expect(deviation(vit.get('encoder.pos_embedding')) / 0.02).toBeCloseTo(1, 1);
});

const file = (name: string) => ({ file: `${name}.recipe.onnx`, mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] });

test('networks of files are drawn as PyTorch resets their layers, whatever they are called', async () => {
  const network = await randomised(onnx.model, file('mobilenet_v3'), 10);
  // A depthwise kernel of 3 x 3: 9 values make an output.
  expect(largest(network.get('features.1.block.0.0.weight'))).toBeLessThanOrEqual(1 / 3);
  expect(largest(network.get('features.1.block.0.0.weight'))).toBeGreaterThan(0.2);
  expect(network.get('features.0.1.running_var')).toEqual(Float32Array.of(1, 1));
  const vit = await randomised(onnx.model, file('vit_b_16'), 10);
  expect(largest(vit.get('heads.head.weight'))).toBeLessThanOrEqual(1 / 4);
  expect(largest(vit.get('heads.head.weight'))).toBeGreaterThan(0.2);
  expect(largest(vit.get('encoder.ln.bias'))).toBe(0);
});
