import {
  createFrom,
  type Explainer,
  type Explanation,
  type Model,
  type NdArray,
  ndArray,
  plainServices,
} from '@espalier/core';
import { describeExplainer, hiddenLayer, toyModel } from '@espalier/core/testing';
import { explainCopies, plugins, smoothed, smoothgrad, squaregrad, vargrad } from '@espalier/explainer-smoothgrad';
import { describe, expect, test } from 'vitest';
import { captum } from './captum.ts';

type Method = (typeof plugins)[number];

for (const plugin of plugins)
  describeExplainer(plugin.name, (services) => createFrom(plugin, { samples: 6, imagesPerCall: 4 }, services));

const images = ndArray(
  'n h w c',
  [2, 8, 8, 3],
  Float32Array.from({ length: 384 }, (_, i) => (i * 0.37) % 0.8),
);
const ids = ['a', 'b'];

async function explain(plugin: Method, options: object, model: Model, of = images): Promise<Explanation> {
  return (await createFrom(plugin, options, plainServices())).explain(model, of, [0, 1], undefined, ids);
}

describe('a slow twin', () => {
  // Every copy that the model was asked about, and its gradient; then the definitions in two passes.
  const twins: readonly (readonly [Method, (values: readonly number[]) => number])[] = [
    [smoothgrad, average],
    [squaregrad, (values) => average(values.map((value) => value ** 2))],
    [vargrad, (values) => average(values.map((value) => (value - average(values)) ** 2))],
  ];

  test.each(twins)('$name', async (plugin, statistic) => {
    const { model, asked } = watched(toyModel());
    const { values, diagnostics } = await explain(plugin, { samples: 7, imagesPerCall: 3, space: 'pixel' }, model);
    expect(asked.map(({ shape }) => shape[0])).toEqual([3, 3, 1, 3, 3, 1]);
    for (const n of [0, 1]) {
      const copies = asked.slice(3 * n, 3 * n + 3).flatMap((batch) => rowsOf(batch));
      const gradients = await Promise.all(copies.map(async (copy) => (await toyModel().inputGradient(copy, [n])).data));
      const map = (chosen: readonly Float32Array[]) =>
        Array.from({ length: 192 }, (_, i) => statistic(chosen.map((gradient) => gradient[i]!)));
      const whole = map(gradients);
      const scale = Math.max(...whole);
      whole.forEach((value, i) => {
        expect(Math.abs(values.data[192 * n + i]! - value)).toBeLessThan(1e-6 * scale);
      });
      const [even, odd] = [0, 1].map((half) => map(gradients.filter((_, i) => i % 2 === half)));
      const apart = norm(even!.map((value, i) => value - odd![i]!)) / 2 / norm(whole);
      expect(diagnostics.error![n]).toBeCloseTo(apart, 5);
    }
  });
});

describe('Captum 0.9, with the same noise', () => {
  const { side, noise, targets } = captum;
  const size = side * side * 3;

  test.each([
    ['mean', 'smoothgrad'],
    ['mean-square', 'smoothgrad_sq'],
    ['variance', 'vargrad'],
  ] as const)('the %s of gradients is its %s', async (statistic, name) => {
    const { model } = hiddenLayer(captum);
    for (const n of [0, 1]) {
      const drawn = noise.slice(n * 5 * size, (n + 1) * 5 * size);
      const { map } = await explainCopies(
        perNormalised,
        {
          model,
          image: Float32Array.from(captum.images.slice(n * size, (n + 1) * size)),
          classIndex: targets[n]!,
          id: 'a',
        },
        { statistic, sigma: 1, unit: 'normalised', samples: 5, imagesPerCall: 2 },
        { normal: () => drawn.shift()! },
      );
      const expected = captum[name].slice(n * size, (n + 1) * size);
      const scale = Math.max(...expected.map(Math.abs));
      expect(scale).toBeGreaterThan(0.1);
      map.forEach((value, i) => {
        expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-5 * scale);
      });
    }
  });

  test('its preset is those choices', async () => {
    const asked = { sigma: 1, unit: 'normalised', samples: 5 };
    const model = toyModel();
    expect(await explain(vargrad, { preset: 'captum' }, model)).toEqual(await explain(vargrad, asked, model));
  });
});

describe('worked by hand', () => {
  test('a linear model: its weights whatever the noise, their squares, no variance, and no error', async () => {
    const model = { ...toyModel(), inputGradient: slopes(() => 2.5) };
    for (const [plugin, value] of [
      [smoothgrad, 2.5],
      [squaregrad, 6.25],
      [vargrad, 0],
    ] as const) {
      const { values, diagnostics } = await explain(plugin, { sigma: 3 }, model);
      expect(new Set(values.data)).toEqual(new Set([value]));
      expect(diagnostics.error).toEqual([0, 0]);
    }
  });

  test('logit = sum of 1.5 x^2, noise of 0.2 of the range: 3 x, 9 (x^2 + s^2) and 9 s^2', async () => {
    const model = { ...toyModel(), inputGradient: slopes((x) => 3 * x) };
    const range = Math.max(...images.data.slice(0, 192)) - Math.min(...images.data.slice(0, 192));
    const variance = (0.2 * range) ** 2;
    const meanOf = async (plugin: Method) => {
      const { values } = await explain(plugin, { sigma: 0.2, samples: 200, imagesPerCall: 200 }, model);
      return average([...values.data.subarray(0, 192)]);
    };
    // Means over 192 values of 200 copies: the standard errors are about 0.0025, 0.01 and 0.0017.
    const pixels = [...images.data.subarray(0, 192)];
    expect(await meanOf(smoothgrad)).toBeCloseTo(3 * average(pixels), 1);
    expect(Math.abs((await meanOf(squaregrad)) - 9 * (average(pixels.map((x) => x * x)) + variance))).toBeLessThan(
      0.05,
    );
    expect(Math.abs((await meanOf(vargrad)) / (9 * variance) - 1)).toBeLessThan(0.04); // of 200 copies, 1/200 too small
  });

  test('an image without range gets no noise: the gradient itself', async () => {
    const grey = ndArray('n h w c', [2, 8, 8, 3], new Float32Array(384).fill(0.5));
    const { values } = await explain(smoothgrad, { samples: 4, space: 'pixel' }, toyModel(), grey);
    const gradient = await toyModel().inputGradient(grey, [0, 1]);
    values.data.forEach((value, i) => {
      expect(value).toBeCloseTo(gradient.data[i]!, 6);
    });
  });

  test('noise is of each image: the range of its neighbour does not matter', async () => {
    const wide = ndArray(
      'n h w c',
      images.shape,
      images.data.map((value, i) => (i < 192 ? value : 9 * value)),
    );
    const [narrow, beside] = [
      await explain(smoothgrad, {}, toyModel()),
      await explain(smoothgrad, {}, toyModel(), wide),
    ];
    expect(beside.values.data.subarray(0, 192)).toEqual(narrow.values.data.subarray(0, 192));
  });

  test('per pixel value, gradients are those of the normalised input over the deviations', async () => {
    const model = { ...toyModel(), input: { ...toyModel().input, std: [0.5, 0.25, 2] } };
    const [pixel, normalised] = [
      await explain(smoothgrad, { space: 'pixel' }, model),
      await explain(smoothgrad, {}, model),
    ];
    normalised.values.data.forEach((value, i) => {
      expect(value).toBeCloseTo(pixel.values.data[i]! * [0.5, 0.25, 2][i % 3]!, 5);
    });
  });
});

test('any explainer is smoothed: it is asked about copies with names of their own, and read as it wants', async () => {
  const named: string[] = [];
  const inner: Explainer = {
    reduction: 'l2',
    async explain(_model, copies, _classIndex, _told, names = []) {
      named.push(...names);
      return { values: copies, diagnostics: { delta: names.map(() => 1) } };
    },
  };
  const noise = { statistic: 'mean', sigma: 1e-6, unit: 'image-range', samples: 4, imagesPerCall: 3 } as const;
  const explainer = smoothed(inner, noise, plainServices());
  const told: number[] = [];
  const { values, diagnostics } = await explainer.explain(toyModel(), images, [0, 1], (done) => told.push(done), ids);
  values.data.forEach((value, i) => {
    expect(value).toBeCloseTo(images.data[i]!, 5);
  });
  expect(explainer.reduction).toBe('l2');
  expect(Object.keys(diagnostics)).toEqual(['error']);
  expect(named).toEqual(['a#0', 'a#1', 'a#2', 'a#3', 'b#0', 'b#1', 'b#2', 'b#3']);
  expect(told).toEqual([0.75, 1, 1.75, 2]);
});

test('how many copies are asked about at once changes nothing', async () => {
  const of = (imagesPerCall: number) => explain(smoothgrad, { samples: 9, imagesPerCall }, toyModel());
  expect(await of(2)).toEqual(await of(9));
});

describe('refuses', () => {
  test('images without ids, or of another size', async () => {
    const explainer = await createFrom(smoothgrad, {}, plainServices());
    await expect(explainer.explain(toyModel(), images, [0, 1])).rejects.toThrow(
      'expected 2 ids, one per image, found none',
    );
    await expect(explainer.explain(toyModel(), images, [0], undefined, ['a'])).rejects.toThrow(
      'images for noisy copies: expected the shape [1, 8, 8, 3]',
    );
  });

  test('no noise, and too few copies for an error', async () => {
    await expect(createFrom(vargrad, { sigma: 0 }, plainServices())).rejects.toThrow('sigma');
    await expect(createFrom(vargrad, { samples: 3 }, plainServices())).rejects.toThrow('samples');
  });

  test('to go on when the host says stop', async () => {
    const services = plainServices({ signal: AbortSignal.abort(new Error('enough')) });
    const explainer = await createFrom(smoothgrad, {}, services);
    await expect(explainer.explain(toyModel(), images, [0, 1], undefined, ids)).rejects.toThrow('enough');
  });
});

const perNormalised: Explainer = {
  reduction: 'sum',
  async explain(model, copies, classIndex) {
    const gradient = await model.inputGradient(copies, classIndex);
    const data = gradient.data.map((value, i) => value * model.input.std[i % 3]!);
    return { values: { ...gradient, data }, diagnostics: {} };
  },
};

/** `model`, and every batch that its gradient was asked for. */
function watched(model: Model): { readonly model: Model; readonly asked: NdArray<'n h w c'>[] } {
  const asked: NdArray<'n h w c'>[] = [];
  return {
    asked,
    model: {
      ...model,
      inputGradient(batch, classIndex) {
        asked.push(batch);
        return model.inputGradient(batch, classIndex);
      },
    },
  };
}

function rowsOf({ data, shape: [count, ...rest] }: NdArray<'n h w c'>): readonly NdArray<'n h w c'>[] {
  const size = data.length / count!;
  return Array.from({ length: count! }, (_, n) =>
    ndArray('n h w c', [1, ...rest] as [number, number, number, number], data.slice(n * size, (n + 1) * size)),
  );
}

function slopes(at: (x: number) => number): Model['inputGradient'] {
  return async ({ shape, data }) => ndArray('n h w c', shape, data.map(at));
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function norm(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));
}
