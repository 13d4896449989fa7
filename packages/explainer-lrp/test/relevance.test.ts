import { createFrom, type Explainer, type Model, ndArray, plainServices, relevanceComposites } from '@espalier/core';
import { describeExplainer, toyModel } from '@espalier/core/testing';
import { relevance } from '@espalier/explainer-lrp';
import { describe, expect, test } from 'vitest';

const create = (options: object): Promise<Explainer> => createFrom(relevance, options, plainServices());

for (const composite of ['epsilon', 'epsilon-plus', 'epsilon-alpha2-beta1', 'epsilon-gamma-box'])
  describeExplainer(`relevance, ${composite}`, () => create({ composite }));

const model = toyModel();
const images = ndArray('n h w c', [2, 8, 8, 3]);
images.data.forEach((_, i) => {
  images.data[i] = (i * 0.37) % 1;
});

describe('where the logit is, per image', () => {
  test.each(relevanceComposites)(
    '%s: the map, what biases took and what epsilon kept back are the logit',
    async (composite) => {
      const { values, diagnostics } = await (await create({ composite, epsilon: 0.1 })).explain(model, images, [0, 2]);
      const logits = await model.predict(images);
      [0, 2].forEach((k, n) => {
        const sum = values.data.subarray(n * 192, (n + 1) * 192).reduce((total, value) => total + value, 0);
        expect(diagnostics.logit![n]).toBeCloseTo(logits.data[n * 3 + k]!, 5);
        expect(sum + diagnostics.absorbed![n]! + diagnostics.withheld![n]!).toBeCloseTo(diagnostics.logit![n]!, 4);
        expect(diagnostics.delta![n]).toBeCloseTo(0, 4);
      });
    },
  );

  test('a model that loses relevance has a delta', async () => {
    const losing: Model = {
      ...model,
      async inputRelevance(...asked) {
        const found = await model.inputRelevance(...asked);
        return { ...found, values: { ...found.values, data: found.values.data.map(() => 0) } };
      },
    };
    const { diagnostics } = await (await create({})).explain(losing, images, [0, 2]);
    expect(Math.abs(diagnostics.delta![0]!)).toBeGreaterThan(1e-3);
  });
});

test('LRP-0 of a network of relus is its input times its gradient', async () => {
  const { values } = await (await create({ composite: 'epsilon', epsilon: 0, stabilizer: 0 })).explain(
    model,
    images,
    [0, 2],
  );
  const gradient = await model.inputGradient(images, [0, 2]);
  values.data.forEach((value, i) => {
    expect(value).toBeCloseTo(gradient.data[i]! * images.data[i]!, 5);
  });
});

test('refuses images of another size, and unknown options', async () => {
  const explainer = await create({});
  await expect(explainer.explain(model, images, [0])).rejects.toThrow(
    'images for relevance propagation: expected the shape',
  );
  await expect(create({ composite: 'deep-taylor' })).rejects.toThrow('composite');
});
