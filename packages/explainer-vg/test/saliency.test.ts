import { readFileSync } from 'node:fs';
import {
  createFrom,
  type Explainer,
  type Model,
  type NdArray,
  ndArray,
  plainServices,
  reduceChannels,
} from '@espalier/core';
import { describeExplainer, type HiddenLayer, hiddenLayer, toyModel } from '@espalier/core/testing';
import { saliency } from '@espalier/explainer-vg';
import { describe, expect, test } from 'vitest';

const create = (options: object): Promise<Explainer> => createFrom(saliency, options, plainServices());

for (const space of ['normalised', 'pixel']) describeExplainer(`saliency, ${space}`, () => create({ space }));

describe('a linear model, worked by hand', () => {
  // Two pixels, three channels: logit = 3 r0 - 2 g0 + b1, in normalised units.
  const weights = [3, -2, 0, 0, 0, 1];
  const std = [0.5, 0.25, 2];
  const images = ndArray('n h w c', [1, 1, 2, 3], Float32Array.of(0, 0.1, 0.2, 0.3, 0.4, 0.5));

  test('normalised: the weights', async () => {
    const { values } = await (await create({})).explain(linear(weights, std), images, [0]);
    expect([...values.data]).toEqual(weights);
  });

  test('pixel: the weights over the standard deviations', async () => {
    const { values } = await (await create({ space: 'pixel' })).explain(linear(weights, std), images, [0]);
    expect([...values.data]).toEqual([6, -8, 0, 0, 0, 0.5]);
  });

  test('read as the sum of absolute values over channels, unless asked otherwise', async () => {
    const map = async (options: object) => {
      const explainer = await create(options);
      const { values } = await explainer.explain(linear(weights, std), images, [0]);
      return [...reduceChannels({ values, reduction: explainer.reduction }).data];
    };
    expect(await map({})).toEqual([5, 1]);
    expect(await map({ reduction: 'sum' })).toEqual([1, 1]);
    expect(await map({ reduction: 'max-abs' })).toEqual([3, 1]);
  });
});

/** Made by tools/reference/saliency.py with Captum 0.9.0 and Quantus 0.5.3: a network of one hidden layer on 4 x 4 images. */
interface Reference extends HiddenLayer {
  /** Per channel: abs=False, and the default abs=True. */
  readonly captum: { readonly signed: readonly number[]; readonly absolute: readonly number[] };
  /** One value per pixel. */
  readonly quantus: readonly number[];
}

describe('Captum 0.9 and Quantus 0.5.3', () => {
  const reference: Reference = JSON.parse(readFileSync(new URL('fixtures/reference.json', import.meta.url), 'utf8'));
  const { targets, captum, quantus } = reference;
  const { model, images } = hiddenLayer(reference);
  const explain = async (options: object) => (await create(options)).explain(model, images, targets);
  // Gradients cross the port as float32, of values up to about 20.
  const expectClose = (found: Float32Array, expected: readonly number[]) => {
    expect(found.length).toBe(expected.length);
    for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i]!, 4);
  };

  test('values are the signed gradients of Captum; its default leaves the sign out', async () => {
    const { values } = await explain({});
    expectClose(values.data, captum.signed);
    expectClose(values.data.map(Math.abs), captum.absolute);
    expect(captum.signed.some((value) => value < 0)).toBe(true);
  });

  test('the default reduction is the map of Quantus', async () => {
    expectClose(reduceChannels({ values: (await explain({})).values, reduction: 'sum-abs' }).data, quantus);
  });

  test('per pixel unit, the map is another one', async () => {
    const { values } = await explain({ space: 'pixel' });
    expectClose(
      values.data,
      captum.signed.map((value, i) => value / reference.std[i % 3]!),
    );
  });
});

test('agrees with finite differences', async () => {
  const model = toyModel();
  const { height, width } = model.input;
  const image = ndArray('n h w c', [1, height, width, 3]);
  image.data.forEach((_, i) => {
    image.data[i] = (i * 0.37) % 1;
  });
  const { values } = await (await create({ space: 'pixel' })).explain(model, image, [2]);
  // 2^-7 is exact in float32 beside pixels, and small enough to stay between two kinks of most units.
  const step = 2 ** -7;
  const slopes = await Promise.all(
    [0, 17, 64, 191].map(async (i) => {
      const at = async (shift: number) => (await model.predict(shifted(image, i, shift))).data[2]!;
      return [values.data[i]!, ((await at(step)) - (await at(-step))) / (2 * step)] as const;
    }),
  );
  for (const [found, slope] of slopes) expect(found).toBeCloseTo(slope, 4);
});

test('refuses unknown options and values', async () => {
  await expect(create({ space: 'lab', abs: true })).rejects.toThrowErrorMatchingInlineSnapshot(`
    [StudyError: Options of the explainer "saliency" are not valid:
    ✖ Unrecognized key: "abs"
    ✖ Invalid option: expected one of "normalised"|"pixel"
      → at space]
  `);
});

function shifted(image: NdArray<'n h w c'>, index: number, shift: number): NdArray<'n h w c'> {
  return { ...image, data: image.data.map((value, i) => (i === index ? value + shift : value)) };
}

/** logit = weights . (images / std); like every model it gives the gradient per pixel value. */
function linear(weights: readonly number[], std: readonly number[]): Model {
  const model = toyModel();
  return {
    ...model,
    input: { ...model.input, std },
    inputGradient: async ({ shape }) =>
      ndArray(
        'n h w c',
        shape,
        Float32Array.from(weights, (weight, i) => weight / std[i % 3]!),
      ),
  };
}
