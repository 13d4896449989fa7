import { readFileSync } from 'node:fs';
import {
  createFrom,
  type Explainer,
  type Measurement,
  type Model,
  ndArray,
  type ParameterInfo,
  type Plugin,
  plainServices,
} from '@espalier/core';
import { describeMetric, splitOf, toyModel, toySplit } from '@espalier/core/testing';
import {
  initialDistribution,
  layerGroups,
  mprt,
  permutation,
  randomLogit,
  randomMasks,
  torchReset,
} from '@espalier/metrics';
import { expect, test } from 'vitest';

for (const options of [
  {},
  { preset: 'quantus-0.5.3', order: 'independent' },
  { order: 'bottom-up', weights: 'permuted', draws: 2, similarities: ['ssim'], average: 'last' },
  { imagesPerClass: 1 },
]) {
  describeMetric(`mprt (${JSON.stringify(options)})`, () => createFrom(mprt, options, plainServices()));
}
for (const options of [{}, { preset: 'quantus-0.5.3' }, { imagesPerClass: 1 }]) {
  describeMetric(`random-logit (${JSON.stringify(options)})`, () => createFrom(randomLogit, options, plainServices()));
}

const gradient: Explainer = {
  reduction: 'sum',
  explain: async (model, images, classIndex) => ({
    values: await model.inputGradient(images, classIndex),
    diagnostics: {},
  }),
};

/** Looks at the image alone: what the sanity checks are there to find. */
const edges: Explainer = { ...gradient, explain: async (_, images) => ({ values: images, diagnostics: {} }) };

test('an explainer that ignores the network agrees with itself wholly; a gradient does not', async () => {
  const inputs = { model: toyModel(3), images: toySplit(6) };
  const all = { similarities: ['rank', 'signed-rank', 'ssim'] };
  const metrics = [await createFrom(mprt, all, plainServices()), await createFrom(randomLogit, all, plainServices())];
  for (const metric of metrics) {
    for (const { values, metric: name } of await metric.measure({ ...inputs, explainer: edges }))
      for (const value of values) expect(value, name).toBeCloseTo(1, 12);
    for (const { values, metric: name } of await metric.measure({ ...inputs, explainer: gradient }))
      expect(values.reduce((sum, value) => sum + value, 0) / values.length, name).toBeLessThan(0.9);
  }
});

test('the curve starts at the unchanged model and names the layers; the mean leaves it out, the last is its end', async () => {
  const inputs = { model: toyModel(3), images: toySplit(6), explainer: gradient };
  const first = async (options: object) =>
    (await (await createFrom(mprt, options, plainServices())).measure(inputs))[0]!;
  const scores = await first({});
  expect(scores).toMatchObject({ metric: 'mprt-top-down', direction: 'lower-is-better' });
  expect(scores.curve).toMatchObject({ at: [0, 1, 2], names: ['unchanged', 'fc', 'conv'] });
  const [start, one, two] = scores.curve!.values.data;
  expect(start).toBe(1);
  expect(scores.values[0]).toBeCloseTo((one! + two!) / 2, 6);
  const last = await first({ average: 'last' });
  expect(last.values[0]).toBeCloseTo(two!, 6);
  expect(last.curve).toBeUndefined();
  expect((await first({ order: 'bottom-up' })).curve?.names).toEqual(['unchanged', 'conv', 'fc']);
});

test('a cascade keeps earlier layers random; alone, each starts from the trained weights', async () => {
  const seen: Record<string, boolean[][]> = {};
  for (const order of ['top-down', 'independent']) {
    const trained = await toyModel(3).weights();
    const states: boolean[][] = [];
    const spy: Explainer = {
      ...gradient,
      explain: async (model, images, classIndex) => {
        const weights = await model.weights();
        states.push(['conv.weight', 'fc.weight'].map((name) => changed(weights.get(name)!, trained.get(name)!)));
        return gradient.explain(model, images, classIndex);
      },
    };
    const metric = await createFrom(mprt, { order, draws: 1 }, plainServices());
    await metric.measure({ model: toyModel(3), images: toySplit(6), explainer: spy });
    seen[order] = states;
  }
  const none = [false, false];
  expect(seen['top-down']).toEqual([none, [false, true], [true, true]]);
  expect(seen.independent).toEqual([none, [true, false], [false, true]]);
});

test('the last step alone asks for no explanation between, and cannot be asked of layers one at a time', async () => {
  let calls = 0;
  const counting: Explainer = {
    ...gradient,
    explain: (...asked) => {
      calls++;
      return gradient.explain(...asked);
    },
  };
  const metric = await createFrom(mprt, { average: 'last' }, plainServices());
  await metric.measure({ model: toyModel(3), images: toySplit(6), explainer: counting });
  expect(calls).toBe(1 + 10);
  const wrong = createFrom(mprt, { average: 'last', order: 'independent' }, plainServices());
  await expect(wrong).rejects.toThrowErrorMatchingInlineSnapshot(`
    [StudyError: Options of the metric "mprt" are not valid:
    ✖ layers that are random one at a time never all are: take the mean over the layers
      → at average]
  `);
});

function changed(a: { data: Float32Array }, b: { data: Float32Array }): boolean {
  return a.data.some((value, i) => value !== b.data[i]);
}

test('images beyond those asked for are omitted, with the reason', async () => {
  const metric = await createFrom(mprt, { imagesPerClass: 1 }, plainServices());
  const [scores] = await metric.measure({ model: toyModel(3), images: toySplit(6), explainer: gradient });
  expect(scores).toMatchObject({
    ids: ['toy/1', 'toy/2', 'toy/3'],
    omitted: [{ reason: 'only 1 images per class are asked about', ids: ['toy/0', 'toy/4', 'toy/5'] }],
  });
});

test('a constant map agrees with nothing: its image is omitted, and so are all of a model of such maps', async () => {
  const flatFirst: Explainer = {
    ...edges,
    explain: async (_, images) => {
      const values = { ...images, data: images.data.slice() };
      values.data.fill(0, 0, 192);
      return { values, diagnostics: {} };
    },
  };
  const flat: Explainer = {
    ...edges,
    explain: async (_, { shape }) => ({ values: ndArray('n h w c', shape), diagnostics: {} }),
  };
  const metric = await createFrom(mprt, {}, plainServices());
  const inputs = { model: toyModel(3), images: toySplit(6) };
  const [scores] = await metric.measure({ ...inputs, explainer: flatFirst });
  expect(scores).toMatchObject({
    omitted: [{ reason: 'the map of the unchanged model is constant', ids: ['toy/0'] }],
  });
  const { ids } = inputs.images;
  const reason = 'the map of the unchanged model is constant';
  for (const empty of await metric.measure({ ...inputs, explainer: flat }))
    expect(empty).toMatchObject({ ids: [], values: [], omitted: [{ reason, ids }] });
  const logit = await createFrom(randomLogit, {}, plainServices());
  for (const empty of await logit.measure({ ...inputs, explainer: flat }))
    expect(empty).toMatchObject({ ids: [], omitted: [{ reason: 'the map of the own class is constant', ids }] });
});

test('images of one class have no other class to ask about', async () => {
  const images = toySplit(2, { classes: 1 });
  for (const preset of ['corrected', 'quantus-0.5.3'] as const) {
    const metric = await createFrom(randomLogit, { preset }, plainServices());
    const [scores] = await metric.measure({ model: toyModel(3, { classes: 1 }), images, explainer: edges });
    expect(scores).toMatchObject({ ids: [], omitted: [{ reason: 'the images have one class only', ids: images.ids }] });
  }
});

test('a network whose random maps are constant keeps nothing: 0', async () => {
  let calls = 0;
  const once: Explainer = {
    ...edges,
    explain: async (_, images) => ({
      values: calls++ === 0 ? images : ndArray('n h w c', images.shape),
      diagnostics: {},
    }),
  };
  const metric = await createFrom(mprt, {}, plainServices());
  const [scores] = await metric.measure({ model: toyModel(3), images: toySplit(6), explainer: once });
  expect(scores!.values).toEqual([0, 0, 0, 0, 0, 0]);
});

// As torchvision's ResNets start: Kaiming (fan out) for convolutions.
const kaiming = { kind: 'normal', deviation: Math.sqrt(2 / (64 * 9)) } as const;
const dense = { kind: 'uniform', bound: 1 / 8 } as const;
const [zero, one] = [0, 1].map((value) => ({ kind: 'constant', value }) as const);

const unmasked = { before: new Map(), after: new Map() };

const resnetParameters: readonly ParameterInfo[] = [
  { name: 'conv1.weight', shape: [16, 3, 3, 3], role: 'kernel', initial: kaiming },
  { name: 'bn1.weight', shape: [16], role: 'scale', initial: one! },
  { name: 'bn1.bias', shape: [16], role: 'shift', initial: zero! },
  { name: 'bn1.running_mean', shape: [16], role: 'statistic', initial: zero! },
  { name: 'bn1.running_var', shape: [16], role: 'statistic', initial: one! },
  { name: 'layer1.0.conv1.weight', shape: [64, 16, 3, 3], role: 'kernel', initial: kaiming },
  { name: 'layer1.0.bn1.weight', shape: [64], role: 'scale', initial: one! },
  { name: 'layer1.1.conv1.weight', shape: [64, 64, 3, 3], role: 'kernel', initial: kaiming },
  { name: 'fc.weight', shape: [10, 64], role: 'kernel', initial: dense },
  { name: 'fc.bias', shape: [10], role: 'bias', initial: dense },
];

test('layers are stages, blocks or modules; a normalisation joins its kernel, or stands alone', () => {
  const names = (depth: number | null, normalisation: 'joins' | 'alone') =>
    layerGroups(resnetParameters, depth, normalisation).map(({ name }) => name);
  expect(names(1, 'joins')).toEqual(['conv1', 'layer1', 'fc']);
  expect(names(2, 'joins')).toEqual(['conv1', 'layer1.0', 'layer1.1', 'fc']);
  expect(names(null, 'joins')).toEqual(['conv1', 'layer1.0.conv1', 'layer1.1.conv1', 'fc']);
  const modules = ['conv1', 'bn1', 'layer1.0.conv1', 'layer1.0.bn1', 'layer1.1.conv1', 'fc'];
  expect(names(null, 'alone')).toEqual(modules);
  const counts = layerGroups(resnetParameters, 1, 'joins').map(({ parameters }) => parameters.length);
  expect(counts).toEqual([5, 3, 2]);
});

test('initial weights have the deviations and bounds that the model says, and every parameter draws by itself', () => {
  const [stem, blocks, last] = layerGroups(resnetParameters, 1, 'joins');
  const randomise = initialDistribution(0);
  const trained = new Map();
  const first = randomise(blocks!, trained, unmasked);
  // 36,864 draws: a deviation within 2 % of the Kaiming one is 5 standard errors away.
  expect(deviation(first.get('layer1.1.conv1.weight')!) / Math.sqrt(2 / (64 * 9))).toBeCloseTo(1, 1);
  expect(deviation(first.get('layer1.0.conv1.weight')!) / Math.sqrt(2 / (64 * 9))).toBeCloseTo(1, 1);
  const kernel = randomise(last!, trained, unmasked).get('fc.weight')!;
  expect(Math.max(...kernel.map(Math.abs))).toBeLessThanOrEqual(1 / 8);
  expect(Math.max(...kernel.map(Math.abs))).toBeGreaterThan(0.12);
  const norm = randomise(stem!, trained, unmasked);
  const identity = ['weight', 'bias', 'running_mean', 'running_var'].map((name) => norm.get(`bn1.${name}`)![3]);
  expect(identity).toEqual([1, 0, 0, 1]);
  expect(first.get('layer1.0.conv1.weight')!.slice(0, 9)).not.toEqual(first.get('layer1.1.conv1.weight')!.slice(0, 9));
  expect(randomise(blocks!, trained, unmasked)).toEqual(first);
});

test('a model that does not say what its parameters are drawn from is refused', async () => {
  const model = toyModel(3);
  const silent = { ...model, parameters: model.parameters.map(({ initial: _, ...parameter }) => parameter) };
  const metric = await createFrom(mprt, {}, plainServices());
  await expect(metric.measure({ model: silent, images: toySplit(6), explainer: gradient })).rejects.toThrow(
    'The model does not say what its parameter "fc.weight" is drawn from before training, so `weights` "initial" cannot draw it. Set `weights` to "permuted" or "torch-reset".',
  );
});

function deviation(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}

const everyThird = Uint8Array.from({ length: 60 }, (_, i) => Number(i % 3 !== 0));

test('a permutation keeps the values of a layer, at the places that the masks leave', async () => {
  const model = await toyModel(3).masked(new Map([['conv.weight', everyThird]]));
  const trained = await model.weights();
  const [conv] = layerGroups(model.parameters, 1, 'joins');
  const own = trained.get('conv.weight')!.data;
  const places = (values: Float32Array) => Uint8Array.from(values, (value) => Number(value !== 0));
  for (const rule of ['kept', 'permuted', 'none'] as const) {
    const masks = { before: model.masks, after: randomMasks(rule, 0)(conv!, model.masks) };
    const values = permutation(0)(conv!, trained, masks).get('conv.weight')!;
    expect(values.slice().sort()).toEqual(own.slice().sort());
    expect(values).not.toEqual(own);
    expect(masks.after.get('conv.weight')).toEqual(rule === 'none' ? undefined : places(values));
    expect(places(values).join() === everyThird.join(), rule).toBe(rule === 'kept');
  }
});

test('masks are permuted within parameters of random layers, each by its own stream, and nowhere else', () => {
  const parameters = toyModel(3).parameters;
  const masks = new Map([
    ['conv.weight', everyThird],
    ['fc.weight', everyThird.slice(0, 15)],
  ]);
  const [conv, fc] = layerGroups(parameters, 1, 'joins');
  const kept = (mask: Uint8Array | undefined) => mask?.reduce((sum, keep) => sum + keep, 0);
  const once = randomMasks('permuted', 4)(conv!, masks);
  expect(once.get('fc.weight')).toBe(masks.get('fc.weight'));
  const both = randomMasks('permuted', 4)(fc!, once);
  for (const [name, mask] of masks) {
    expect(kept(both.get(name)), name).toBe(kept(mask));
    expect(both.get(name), name).not.toEqual(mask);
  }
  expect(randomMasks('permuted', 4)(conv!, masks)).toEqual(once);
  expect(randomMasks('permuted', 5)(conv!, masks)).not.toEqual(once);
});

test('a pruned model is as sparse when it is random, at other places for every draw; Quantus knows no masks', async () => {
  const model = await toyModel(3).masked(new Map([['conv.weight', everyThird]]));
  const zerosOf = async (options: object) => {
    const zeros: string[] = [];
    const spy: Explainer = {
      ...gradient,
      explain: async (asked, images, classIndex) => {
        const { data } = (await asked.weights()).get('conv.weight')!;
        zeros.push([...data.keys()].filter((i) => data[i] === 0).join());
        return gradient.explain(asked, images, classIndex);
      },
    };
    const metric = await createFrom(mprt, { average: 'last', ...options }, plainServices());
    await metric.measure({ model, images: toySplit(6), explainer: spy });
    return zeros;
  };
  const zeros = await zerosOf({ draws: 3 });
  expect(new Set(zeros).size).toBe(4);
  expect(zeros.map((places) => places.split(',').length)).toEqual([20, 20, 20, 20]);
  expect(new Set(await zerosOf({ draws: 3, masks: 'kept' })).size).toBe(1);
  expect((await zerosOf({ preset: 'quantus-0.5.3' })).slice(1)).toEqual(['']);
});

test('every image has a value for each of ten random networks, which are the same for all models, and their mean', async () => {
  const metric = await createFrom(mprt, {}, plainServices());
  const inputs = { images: toySplit(6), explainer: gradient };
  const [scores] = await metric.measure({ model: toyModel(3), ...inputs });
  const { of, values } = scores!.draws!;
  expect([of, values.length]).toEqual(['random networks', 10]);
  expect(new Set(values.map((row) => row[0])).size).toBe(10);
  const single = await createFrom(mprt, { draws: 1, seed: 7 }, plainServices());
  expect((await single.measure({ model: toyModel(3), ...inputs }))[0]!.values).toEqual(values[7]);
  scores!.values.forEach((value, i) => {
    expect(value).toBeCloseTo(values.reduce((sum, row) => sum + row[i]!, 0) / 10, 12);
  });
});

interface QuantusFixture {
  readonly weights: Readonly<Record<string, readonly number[]>>;
  readonly images_nhwc: readonly number[];
  readonly labels: readonly number[];
  readonly mprt: Readonly<
    Record<string, { names: readonly string[]; curves: readonly (readonly number[])[]; averages: readonly number[] }>
  >;
  readonly random_logit_ssim: readonly number[];
  readonly numpy_choice_without_1: Readonly<Record<string, number>>;
  readonly torch_reset_after_seed_43: readonly Readonly<
    Record<string, { shape: readonly number[]; values: readonly number[] }>
  >[];
}

const quantus: QuantusFixture = JSON.parse(
  readFileSync(new URL('fixtures/quantus-randomisation.json', import.meta.url), 'utf8'),
);

async function quantusInputs(): Promise<{ model: Model; images: ReturnType<typeof splitOf>; explainer: Explainer }> {
  const own = toyModel(0);
  const weights = new Map(
    [...(await own.weights())].map(([name, array]) => [
      name,
      { ...array, data: Float32Array.from(quantus.weights[name]!) },
    ]),
  );
  const images = ndArray('n h w c', [4, 8, 8, 3], Float32Array.from(quantus.images_nhwc));
  return {
    model: await own.withWeights(weights),
    images: splitOf(images, quantus.labels, ['class 0', 'class 1', 'class 2']),
    explainer: gradient,
  };
}

async function asQuantus<Options>(plugin: Plugin<'metric', Options>, options: object): Promise<Measurement> {
  const all = { preset: 'quantus-0.5.3', imagesPerClass: null, ...options };
  const metric = await createFrom(plugin, all, plainServices());
  return (await metric.measure(await quantusInputs()))[0]!;
}

test.each(Object.entries(quantus.mprt))(
  'Quantus 0.5.3, MPRT %s: names, correlations and their mean, which counts the original',
  async (order, expected) => {
    const { curve, values, metric } = await asQuantus(mprt, { order });
    expect(metric).toBe(`mprt-${order}`);
    expect(curve!.names!.slice(1)).toEqual(expected.names.slice(1));
    // Gradients agree to float32; two pixels that are as good as tied may swap ranks, worth 1e-4 among 64.
    expected.curves.flat().forEach((value, i) => {
      expect(Math.abs(curve!.values.data[i]! - value)).toBeLessThan(1e-3);
    });
    expected.averages.forEach((value, i) => {
      expect(Math.abs(values[i]! - value)).toBeLessThan(1e-3);
    });
    if (order === 'independent') return;
    const last = await asQuantus(mprt, { order, average: 'last' });
    expected.curves.forEach((layers, i) => {
      expect(Math.abs(last.values[i]! - layers.at(-1)!)).toBeLessThan(1e-3);
    });
  },
);

test('Quantus 0.5.3, random logit: structural similarity with the class that its seed draws', async () => {
  const { values, metric } = await asQuantus(randomLogit, {});
  expect(metric).toBe('random-logit-ssim');
  quantus.random_logit_ssim.forEach((value, i) => {
    expect(Math.abs(values[i]! - value)).toBeLessThan(1e-4);
  });
});

test.each(Object.entries(quantus.numpy_choice_without_1))(
  'Quantus 0.5.3: of %s classes without 1, NumPy draws %s',
  async (count, expected) => {
    const classes = Array.from({ length: Number(count) }, (_, i) => `class ${i}`);
    const images = splitOf(
      ndArray(
        'n h w c',
        [1, 8, 8, 3],
        new Float32Array(192).map((_, i) => i),
      ),
      [1],
      classes,
    );
    const asked: number[] = [];
    const spy: Explainer = {
      ...edges,
      explain: async (_, batch, classIndex) => {
        asked.push(...classIndex);
        return { values: batch, diagnostics: {} };
      },
    };
    const metric = await createFrom(randomLogit, { preset: 'quantus-0.5.3' }, plainServices());
    await metric.measure({ model: toyModel(3), images, explainer: spy });
    expect(asked).toEqual([1, expected]);
  },
);

test('PyTorch 2.15.0: what reset_parameters leaves after manual_seed, to the last bit', () => {
  for (const module of quantus.torch_reset_after_seed_43) {
    const parameters = Object.entries(module).map(
      ([name, { shape }]): ParameterInfo => ({
        name: `m.${name}`,
        shape,
        role: name === 'bias' ? 'bias' : 'kernel',
      }),
    );
    const [layer] = layerGroups(parameters, null, 'alone');
    const found = torchReset(43)(layer!, new Map(), unmasked);
    for (const [name, { values }] of Object.entries(module))
      expect(found.get(`m.${name}`)).toEqual(Float32Array.from(values));
  }
});
