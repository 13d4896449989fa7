import { kMeans } from '@espalier/concepts-kmeans';
import { pca } from '@espalier/concepts-pca';
import { batchTopKSae, topKSae } from '@espalier/concepts-sae';
import {
  checkConceptBank,
  createFrom,
  type Model,
  ndArray,
  type Plugin,
  plainServices,
  randomStream,
} from '@espalier/core';
import { splitOf } from '@espalier/core/testing';
import { completeness, reconstruction } from '@espalier/metrics-concepts';
import { mobilenetV2 } from '@espalier/model-mobilenet';
import { resnet18 } from '@espalier/model-resnet';
import { vitMini8 } from '@espalier/model-vit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const services = plainServices({ compute: { engine: 'wasm', inference: 'exact', training: 'exact' }, seed: 1 });
const stream = randomStream(3, 'dictionaries-on-networks');
const pictures = ndArray(
  'n h w c',
  [3, 32, 32, 3],
  Float32Array.from({ length: 3 * 32 * 32 * 3 }, () => stream.uniform()),
);
const images = splitOf(pictures, [1, 1, 1], ['a', 'b', 'c']);
const given = { ids: images.ids, images: pictures, classIndex: 1 };
const input = { height: 32, width: 32, channels: 3, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };

// A map behind a ReLU, one of signed values, and signed tokens behind a class token.
const networks = [
  { name: 'ResNet-18', make: () => createFrom(resnet18, {}, services), layer: 'layer2', places: [4, 4] },
  {
    name: 'MobileNetV2',
    make: () => createFrom(mobilenetV2, { widthMultiplier: 0.25 }, services),
    layer: 'features.3',
    places: [8, 8],
  },
  {
    name: 'ViT',
    make: () => createFrom(vitMini8, {}, services),
    layer: 'encoder.layers.encoder_layer_0',
    places: [4, 4],
  },
];
const small = { patch: 0.5, points: 16, maxPoints: 16, replicates: 2 };
const extractorOf = <Options>(plugin: Plugin<'concepts', Options>, options: object) => ({
  title: plugin.title,
  name: plugin.name,
  create: (layer: string) => createFrom(plugin, { ...small, ...options, layer }, services),
});
const extractors = [
  extractorOf(pca, { concepts: 3 }),
  extractorOf(kMeans, { concepts: 3, restarts: 0 }),
  extractorOf(topKSae, { concepts: 6, k: 2, steps: 10 }),
  extractorOf(batchTopKSae, { concepts: 6, k: 2, steps: 10 }),
];

describe.each(networks)('$name', ({ make, layer, places }) => {
  let model: Model;
  beforeAll(async () => {
    model = await (await make()).create({ input, classes: images.classes }, 1);
  });
  afterAll(() => model[Symbol.dispose]());

  test.each(extractors)('has the concepts that $title finds', async ({ name, create }) => {
    const bank = await (await create(layer)).extract(model, given);
    checkConceptBank(bank, name, { model, images: given });
    expect(bank.maps.shape.slice(1, 3)).toEqual(places);
    expect(bank.importance.shape[0]).toBe(3);
    // What the bank rebuilds is what metrics rebuild of it.
    for (const metric of [reconstruction, completeness]) {
      const scores = await (await createFrom(metric, {}, services)).measure({ model, images, concepts: [bank] });
      expect(scores[0]!.values).toHaveLength(3);
    }
  });
});
