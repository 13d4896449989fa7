import { createFrom, type Explainer, type Model, ndArray, needFindings, plainServices } from '@espalier/core';
import { describeExplainer, toyModel, toyTokens } from '@espalier/core/testing';
import { gradCam, gradCamPlusPlus, guidedGradCam, plugins } from '@espalier/explainer-cam';
import { describe, expect, test } from 'vitest';

const create = (plugin: (typeof plugins)[number], options: object = {}): Promise<Explainer> =>
  createFrom<'explainer', never>(plugin as never, options, plainServices());

// Of the toy model's classes some have no positive slope: their maps are zeros without what speaks against them.
describeExplainer('Grad-CAM, captum', () => create(gradCam, { preset: 'captum' }));
describeExplainer('Grad-CAM, bilinear', () => create(gradCam, { relu: false }));
for (const preset of ['corrected', 'grad-cam-1.5.7'])
  describeExplainer(`Grad-CAM++, ${preset}`, () => create(gradCamPlusPlus, { preset }));
for (const preset of ['corrected', 'captum'])
  describeExplainer(`guided Grad-CAM, ${preset}`, () => create(guidedGradCam, { preset }));

/** One image of 1 x 4 pixels, a layer of two places and two features. */
function madeModel(activations: readonly number[], slopes: readonly number[], more: Partial<Model> = {}): Model {
  const input = { height: 1, width: 4, channels: 3, mean: [0, 0, 0], std: [1, 1, 1] };
  const layers = [{ name: 'made', height: 1, width: 2, features: 2, isStage: true, isComplete: true }];
  const of = (values: readonly number[]) => async () => ndArray('n h w d', [1, 1, 2, 2], Float32Array.from(values));
  return { ...toyModel(), input, layers, activations: of(activations), activationGradient: of(slopes), ...more };
}

const image = ndArray('n h w c', [1, 1, 4, 3]);
const firstChannel = async (plugin: (typeof plugins)[number], options: object, model: Model) => {
  const { values } = await (await create(plugin, options)).explain(model, image, [0]);
  return [...values.data.filter((_, i) => i % 3 === 0)];
};

describe('Grad-CAM, worked by hand', () => {
  // Mean slopes 2 and -1: 2 x 1 - 3 = -1 at the first place, 2 x 4 - 0 = 8 at the second.
  const model = madeModel([1, 3, 4, 0], [1, -3, 3, 1]);

  test('what speaks against the class is left out; enlarged between the centres of places', async () => {
    expect(await firstChannel(gradCam, {}, model)).toEqual([0, 2, 6, 8]);
    expect(await firstChannel(gradCam, { relu: false }, model)).toEqual([-1, 1.25, 5.75, 8]);
  });

  test('signed blocks, as Captum; from 0 to 1, as grad-cam', async () => {
    expect(await firstChannel(gradCam, { preset: 'captum' }, model)).toEqual([-1, -1, 8, 8]);
    const scaled = await firstChannel(gradCam, { preset: 'grad-cam-1.5.7' }, model);
    [0, 0.25, 0.75, 1].forEach((value, i) => {
      expect(scaled[i]).toBeCloseTo(value, 6);
    });
  });
});

describe('Grad-CAM++, worked by hand', () => {
  test('positive slopes alone, each by its alpha', async () => {
    // Sums 5 and 3. Feature 0: 1 / (2 + 5) + 3 x 9 / (18 + 5 x 27); feature 1: only its second place, 1 / (2 + 3).
    const [first, second] = [1 / 7 + 27 / 153, 1 / 5];
    const found = await firstChannel(gradCamPlusPlus, {}, madeModel([1, 3, 4, 0], [1, -3, 3, 1]));
    expect(found[0]).toBeCloseTo(first + 3 * second, 6);
    expect(found[3]).toBeCloseTo(4 * first, 6);
  });

  test('small slopes count as large ones do, unless epsilon decides', async () => {
    const ratio = async (options: object, factor: number) => {
      const [a, , , b] = await firstChannel(
        gradCamPlusPlus,
        options,
        madeModel([1, 0, 0, 1], [factor, 0, 0, 2 * factor]),
      );
      return b! / a!;
    };
    expect(await ratio({}, 1e-4)).toBeCloseTo(2, 3);
    expect(await ratio({ epsilon: 1e-6 }, 1e-4)).toBeCloseTo(8, 0);
  });

  test('a feature whose slopes are all 0 counts for nothing', async () => {
    expect(await firstChannel(gradCamPlusPlus, {}, madeModel([1, 3, 4, 0], [0, 0, 0, 0]))).toEqual([0, 0, 0, 0]);
  });

  test('negative activations are refused where nobody knew of them', async () => {
    await expect(firstChannel(gradCamPlusPlus, {}, madeModel([1, -3, 4, 0], [1, 1, 1, 1]))).rejects.toThrow(
      'Grad-CAM++ is defined for layers whose activations are not negative; "made" has -3.',
    );
  });
});

test('guided Grad-CAM is the modified gradient times the map of each pixel', async () => {
  const values = ndArray(
    'n h w c',
    [1, 1, 4, 3],
    Float32Array.from({ length: 12 }, (_, i) => i - 5),
  );
  const inputRelevance = async () => ({ values, start: [1], absorbed: [0], withheld: [0] });
  const model = madeModel([1, 3, 4, 0], [1, -3, 3, 1], { inputRelevance });
  const { values: found } = await (await create(guidedGradCam)).explain(model, image, [0]);
  expect([...found.data]).toEqual([...[-5, -4, -3].map((value) => 0 * value), -4, -2, 0, 6, 12, 18, 32, 40, 48]);
});

test('tokens are the places of their grid, and the class token none', async () => {
  const images = ndArray('n h w c', [2, 8, 8, 3]);
  images.data.forEach((_, i) => {
    images.data[i] = (i * 0.37) % 1;
  });
  const explainer = await create(gradCam, { preset: 'captum' });
  const { values } = await explainer.explain(toyTokens(), images, [0, 2]);
  const expected = await explainer.explain(toyModel(), images, [0, 2]);
  const shift = (n: number) => expected.values.data[n * 192]! - values.data[n * 192]!; // what tokens are less by is the same at every place
  expect(Math.abs(shift(0))).toBeGreaterThan(1e-3);
  values.data.forEach((value, i) => {
    if (i % 3 === 0) expect(value + shift(Math.floor(i / 192))).toBeCloseTo(expected.values.data[i]!, 6);
  });
});

test('more images than are asked about at once are told of, and are explained alike', async () => {
  const images = ndArray('n h w c', [18, 8, 8, 3]);
  images.data.forEach((_, i) => {
    images.data[i] = (i * 0.37) % 1;
  });
  const told: number[] = [];
  const explainer = await create(gradCam, { relu: false });
  const { values } = await explainer.explain(toyModel(), images, new Array(18).fill(1), (done) => told.push(done));
  expect(told).toEqual([16, 18]);
  const last = { ...images, shape: [1, 8, 8, 3], data: images.data.slice(17 * 192) };
  const alone = await explainer.explain(toyModel(), last, [1]);
  expect(values.data.slice(17 * 192)).toEqual(alone.values.data);
});

describe('the plan', () => {
  const layer = { isStage: true, isComplete: true };
  const layers = [
    { ...layer, name: 'block', isNonNegative: true },
    { ...layer, name: 'sum', isNonNegative: false },
    { ...layer, name: 'pooled', isMap: false },
  ];
  const operations = [{ name: 'gelu', kind: 'gelu', readsImages: false }] as const;
  const found = (plugin: (typeof plugins)[number], options: object) =>
    needFindings(
      plugin.needs!(plugin.options.parse(options) as never),
      { model: { layers, kernels: [], operations } },
      'cam/x',
    ).map(({ path, text }) => `${path.join('.')}: ${text}`);

  test('takes layers that have a map, for Grad-CAM++ without negative values', () => {
    expect([found(gradCam, {}), found(gradCam, { layer: 'sum' }), found(gradCamPlusPlus, { layer: 'block' })]).toEqual([
      ...[[], [], []],
    ]);
  });

  test('refuses others at the option that names them', () => {
    expect(found(gradCam, { layer: 'pooled' })).toEqual([
      expect.stringMatching(/^layer: What is in the layer "pooled"/),
    ]);
    for (const layer of ['sum', null])
      expect(found(gradCamPlusPlus, { layer })).toEqual([expect.stringMatching(/^layer: Values of the layer "sum"/)]);
    expect(found(gradCam, { layer: 'blok' })).toEqual([expect.stringContaining('found "blok"')]);
  });

  test('refuses to guide networks that bend values otherwise', () => {
    expect(found(guidedGradCam, {})).toEqual([expect.stringContaining('a rule is missing for "gelu" (gelu)')]);
  });
});

test('refuses images of another size, and unknown options', async () => {
  for (const plugin of plugins)
    await expect((await create(plugin)).explain(toyModel(), image, [0])).rejects.toThrow(
      'images for class activation maps: expected the shape',
    );
  await expect(create(gradCamPlusPlus, { relu: true })).rejects.toThrow('Unrecognized key: "relu"');
});
