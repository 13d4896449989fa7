import { readFileSync } from 'node:fs';
import { createFrom, type Explainer, type Model, ndArray, plainServices } from '@espalier/core';
import { describeExplainer, describeLabels, type HiddenLayer, hiddenLayer, toyModel } from '@espalier/core/testing';
import { inputTimesGradient } from '@espalier/explainer-vg';
import { describe, expect, test } from 'vitest';

const create = (options: object): Promise<Explainer> => createFrom(inputTimesGradient, options, plainServices());

describeLabels(inputTimesGradient, {
  // Another mean than the toy model's, of which the space of the input makes nothing.
  async make(options) {
    const model = toyModel();
    const input = { ...model.input, mean: [0.5, 0.25, 0.125] };
    const explainer = await inputTimesGradient.create(options, plainServices());
    const images = ndArray('n h w c', [1, 8, 8, 3], new Float32Array(192).fill(0.75));
    return [explainer.reduction, await explainer.explain({ ...model, input }, images, [0])];
  },
});

for (const space of ['normalised', 'pixel']) describeExplainer(`input x gradient, ${space}`, () => create({ space }));

describe('worked by hand: one ReLU, logit = relu(2 x0 - 1) + 3 x1', () => {
  const mean = [0.25, 0.5, 0];
  const input = { height: 1, width: 1, channels: 3, mean, std: [1, 1, 1] };
  const model: Model = {
    ...toyModel(),
    input,
    predict: async ({ data, shape }) =>
      ndArray(
        'n k',
        [shape[0]!, 1],
        Float32Array.from({ length: shape[0]! }, (_, n) => Math.max(0, 2 * data[3 * n]! - 1) + 3 * data[3 * n + 1]!),
      ),
    inputGradient: async ({ data, shape }) =>
      ndArray(
        'n h w c',
        shape,
        data.map((_, i) => [data[i]! > 0.5 ? 2 : 0, 3, 0][i % 3]!),
      ),
  };
  const image = ndArray('n h w c', [1, 1, 1, 3], Float32Array.of(1, 1, 1));

  test('from the mean: it misses the change of the logit by the part before the kink', async () => {
    const { values, diagnostics } = await (await create({})).explain(model, image, [0]);
    expect([...values.data]).toEqual([1.5, 1.5, 0]);
    expect(diagnostics.delta).toEqual([3 - (4 - 1.5)]);
  });

  test('from black', async () => {
    const { values, diagnostics } = await (await create({ space: 'pixel' })).explain(model, image, [0]);
    expect([...values.data]).toEqual([2, 3, 0]);
    expect(diagnostics.delta).toEqual([5 - 4]);
  });
});

/** tools/reference/smoothgrad.py: InputXGradient of Captum 0.9.0 on a network of one hidden layer. */
const captum: HiddenLayer & {
  readonly product: readonly number[];
} = JSON.parse(readFileSync(new URL('fixtures/captum.json', import.meta.url), 'utf8'));

test('values are those of Captum 0.9, and delta is told for each image', async () => {
  const { side, mean, targets, product } = captum;
  const { model, images } = hiddenLayer(captum);
  const { values, diagnostics } = await (await create({})).explain(model, images, targets);
  values.data.forEach((value, i) => {
    expect(value).toBeCloseTo(product[i]!, 4);
  });
  const size = side * side * 3;
  const atMean = ndArray('n h w c', [1, side, side, 3]);
  atMean.data.forEach((_, i) => {
    atMean.data[i] = mean[i % 3]!;
  });
  const [here, there] = [await model.predict(images), await model.predict(atMean)];
  const classes = there.shape[1]!;
  targets.forEach((k, n) => {
    const sum = product.slice(n * size, (n + 1) * size).reduce((total, value) => total + value, 0);
    expect(diagnostics.delta![n]).toBeCloseTo(sum - here.data[n * classes + k]! + there.data[k]!, 3);
  });
});
