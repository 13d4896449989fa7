import { sizeOf } from '@espalier/core';
import { mobilenetV2Network } from '@espalier/model-mobilenet';
import { resnet } from '@espalier/model-resnet';
import { vgg } from '@espalier/model-vgg';
import { vit } from '@espalier/model-vit';
import { multiplyAccumulatesOf, parametersOf, shapesOf } from '@espalier/nn';
import { expect, test } from 'vitest';

const made = { height: 224, width: 224, channels: 3, classes: 1000 };

/** Parameters in millions and products in billions, as torchvision lists them for its weights: "num_params" and "_ops". */
test.each([
  [resnet('resnet18', 64, made), 11_689_512, 1.814],
  [resnet('resnet50', 64, made), 25_557_032, 4.089],
  [vgg('vgg16', 64, made), 138_357_544, 15.47],
  [mobilenetV2Network(1, made), 3_504_872, 0.301],
  [vit('vit-b-16', made), 86_567_656, 17.564],
])('%s costs what torchvision says', (network, parameters, billions) => {
  const { perWeight, ofValues } = multiplyAccumulatesOf(network, shapesOf(network, made));
  const trained = parametersOf(network).filter(({ role }) => role !== 'statistic');
  expect(trained.reduce((sum, { shape }) => sum + sizeOf(shape), 0)).toBe(parameters);
  const products = trained.reduce((sum, { name, shape }) => sum + sizeOf(shape) * (perWeight.get(name) ?? 0), ofValues);
  expect(products / 1e9).toBeCloseTo(billions, 3);
});
