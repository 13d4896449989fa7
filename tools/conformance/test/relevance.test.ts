import { createFrom, ndArray, plainServices, relevanceComposites } from '@espalier/core';
import { relevance } from '@espalier/explainer-lrp';
import { describe, expect, test } from 'vitest';
import { engines, expectClose, modelOf, relevanceFixture } from './relevance-networks.ts';

describe.each(engines)('on %s', (engine) => {
  describe.each(['vgg', 'resnet', 'mobile'] as const)('%s', (name) => {
    test.each(relevanceComposites)('%s is what Zennit gives', async (composite) => {
      using model = await modelOf(name, engine);
      const { image, target, logits, relevance: expected } = relevanceFixture.networks[name]!;
      const images = ndArray('n h w c', [1, 8, 8, 3], Float32Array.from(image));
      expectClose((await model.predict(images)).data, logits);
      const { epsilon, gamma, stabilizer } = relevanceFixture;
      const explainer = await createFrom(relevance, { composite, epsilon, gamma, stabilizer }, plainServices());
      const { values, diagnostics } = await explainer.explain(model, images, [target]);
      expectClose(values.data, expected[composite]!);
      expect(diagnostics.delta![0]).toBeCloseTo(0, 3);
    });
  });
});
