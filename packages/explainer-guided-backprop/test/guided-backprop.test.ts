import { createFrom, type Explainer, ndArray, needFindings, type OperationKind, plainServices } from '@espalier/core';
import { describeExplainer, toyModel } from '@espalier/core/testing';
import { deconvnet, guidedBackprop, plugins } from '@espalier/explainer-guided-backprop';
import { describe, expect, test } from 'vitest';

type Name = (typeof plugins)[number];
const create = (plugin: Name, options: object = {}): Promise<Explainer> => createFrom(plugin, options, plainServices());

for (const plugin of plugins)
  for (const space of ['normalised', 'pixel'])
    describeExplainer(`${plugin.name}, ${space}`, () => create(plugin, { space }));

const images = ndArray('n h w c', [2, 8, 8, 3]);
images.data.forEach((_, i) => {
  images.data[i] = (i * 0.37) % 1;
});

/** Of a convolution and a ReLU, a mean over 16 places and a dense layer: what the rules leave, in plain loops. */
async function twin(rule: 'guided' | 'deconvnet', classIndex: readonly number[]) {
  const model = toyModel();
  const [weights, active] = [await model.weights(), await model.activations(images, 'features')];
  const [kernel, dense] = [weights.get('conv.weight')!.data, weights.get('fc.weight')!.data];
  const expected = new Float32Array(images.data.length);
  for (let n = 0; n < 2; n++)
    for (let place = 0; place < 16; place++)
      for (let d = 0; d < 5; d++) {
        const arriving = Math.max(0, dense[classIndex[n]! * 5 + d]! / 16);
        if (rule === 'guided' && active.data[(n * 16 + place) * 5 + d] === 0) continue;
        for (let i = 0; i < 12; i++) {
          const [c, y, x] = [Math.floor(i / 4), Math.floor((i % 4) / 2), i % 2];
          const pixel = (n * 8 + 2 * Math.floor(place / 4) + y) * 8 + 2 * (place % 4) + x;
          expected[pixel * 3 + c]! += arriving * kernel[d * 12 + i]!;
        }
      }
  return expected;
}

test.each([
  ['guided', guidedBackprop],
  ['deconvnet', deconvnet],
] as const)('%s is what plain loops give', async (rule, plugin) => {
  const { values, diagnostics } = await (await create(plugin)).explain(toyModel(), images, [0, 2]);
  const expected = await twin(rule, [0, 2]);
  expect(expected.some((value) => value !== 0)).toBe(true);
  values.data.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 6);
  });
  expect(diagnostics).toEqual({});
});

describe('the plan', () => {
  const found = (...kinds: OperationKind[]) => {
    const operations = kinds.map((kind) => ({ name: `a ${kind}`, kind, readsImages: false }));
    return needFindings(
      guidedBackprop.needs!({} as never),
      { model: { layers: [], kernels: [], operations } },
      'guided/x',
    );
  };

  test('takes networks that bend values by ReLUs alone', () => {
    expect(found('convolution', 'relu', 'clipped-relu', 'batch-norm', 'layer-norm', 'product', 'max-pool')).toEqual([]);
  });

  test.each(['gelu', 'silu', 'sigmoid', 'hard-swish', 'hard-sigmoid', 'tanh', 'clip', 'softmax'] as const)(
    'refuses %s, for which no source has a rule, by its name',
    (kind) => {
      expect(found('relu', kind).map(({ text }) => text)).toEqual([
        expect.stringContaining(`a rule is missing for "a ${kind}" (${kind})`),
      ]);
    },
  );
});

test('refuses images of another size', async () => {
  await expect((await create(guidedBackprop)).explain(toyModel(), images, [0])).rejects.toThrow(
    'images for guided gradients: expected the shape',
  );
});
