import { readFileSync } from 'node:fs';
import { createFrom, ndArray, plainServices, relevanceRules } from '@espalier/core';
import { mobilenetV2 } from '@espalier/model-mobilenet';
import { resnet18 } from '@espalier/model-resnet';
import { vitMini8 } from '@espalier/model-vit';
import { prune } from '@espalier/pruner-lrp';
import { relevance as byChannel } from '@espalier/pruner-structured';
import { describe, expect, test } from 'vitest';
import { engines, expectClose, modelOf, relevanceFixture } from './relevance-networks.ts';

/** Made by tools/reference/kernel-relevance.py in float64 with Zennit 0.5.1. */
const fixture: Readonly<
  Record<
    string,
    Readonly<Record<string, Readonly<Record<'outputs' | 'weights', Readonly<Record<string, readonly number[]>>>>>>
  >
> = JSON.parse(readFileSync(new URL('fixtures/kernel-relevance.json', import.meta.url), 'utf8'));

describe.each(engines)('on %s', (engine) => {
  test.each(['vgg', 'resnet', 'mobile'] as const)(
    'what kernels of %s have a share in is what Zennit gives',
    async (name) => {
      using model = await modelOf(name, engine);
      const { epsilon, gamma, stabilizer, networks } = relevanceFixture;
      const images = ndArray('n h w c', [1, 8, 8, 3], Float32Array.from(networks[name]!.image));
      for (const composite of ['epsilon', 'epsilon-plus'] as const) {
        const rules = { ...relevanceRules({ composite, epsilon, gamma, stabilizer }), start: 'one' } as const;
        const found = await model.kernelRelevance(images, [networks[name]!.target], rules);
        const { outputs, weights } = fixture[name]![composite]!;
        expect([...found.keys()].sort()).toEqual(Object.keys(outputs).sort());
        for (const [kernel, { data, shape }] of found) {
          const row = data.length / shape[0]!;
          const sums = Array.from({ length: shape[0]! }, (_, o) =>
            data.subarray(o * row, (o + 1) * row).reduce((a, b) => a + b, 0),
          );
          expectClose(Float32Array.from(sums), outputs[kernel]!);
          if (weights[kernel]) expectClose(data, weights[kernel]);
        }
      }
    },
  );
});

const input = { height: 32, width: 32, channels: 3, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };

test.each([
  ['ResNet-18', resnet18, { width: 2 }],
  ['MobileNetV2', mobilenetV2, { widthMultiplier: 0.1 }],
  ['ViT', vitMini8, {}],
] as const)('%s loses half of its weights by relevance, and channels', async (_, network, options) => {
  const services = plainServices({ compute: { engine: 'wasm', inference: 'exact', training: 'exact' } });
  const factory = await createFrom<'model', never>(network as never, options, services);
  using model = await factory.create({ input, classes: ['a', 'b', 'c'] }, 1);
  const images = ndArray('n h w c', [1, 32, 32, 3]);
  images.data.forEach((_, i) => {
    images.data[i] = (i * 0.37) % 1;
  });
  const context = { sample: async () => ({ images, labels: [2] }) };
  const [single, whole] = [
    await createFrom(prune, { sparsity: 0.5 }, services),
    await createFrom(byChannel, { sparsity: 0.3 }, services),
  ];
  const masks = [...(await single.mask(model, context)).values()];
  const count = (keep: number) => masks.reduce((sum, mask) => sum + mask.filter((each) => each === keep).length, 0);
  expect(Math.abs(count(0) - count(1))).toBeLessThanOrEqual(1);
  using smaller = await model.masked(await whole.mask(model, context));
  expect((await smaller.predict(images)).data.every(Number.isFinite)).toBe(true);
});
