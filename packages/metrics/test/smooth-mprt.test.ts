import { readFileSync } from 'node:fs';
import { createFrom, type Explainer, type Model, ndArray, plainServices, randomStream, rows } from '@espalier/core';
import { describeMetric, splitOf, toyModel, toySplit } from '@espalier/core/testing';
import { efficientMprt, histogramEntropy, mprt, smoothExplainer, smoothMprt } from '@espalier/metrics';
import { describe, expect, test } from 'vitest';

for (const options of [{}, { preset: 'quantus-0.5.3', order: 'top-down', average: 'layers' }])
  describeMetric(`smooth MPRT (${JSON.stringify(options)})`, () =>
    createFrom(smoothMprt, { samples: 3, draws: 2, ...options }, plainServices()),
  );
for (const preset of ['corrected', 'quantus-0.5.3'])
  describeMetric(`efficient MPRT (${preset})`, () => createFrom(efficientMprt, { preset }, plainServices()));

const gradient: Explainer = {
  reduction: 'sum',
  explain: async (model, images, classIndex) => ({
    values: await model.inputGradient(images, classIndex),
    diagnostics: {},
  }),
};

interface Reference {
  readonly weights: Readonly<Record<string, readonly number[]>>;
  readonly images_nhwc: readonly number[];
  readonly labels: readonly number[];
  /** [image, copy, h, w, c] */
  readonly noise_nhwc: readonly number[];
  readonly samples: number;
  readonly smooth: readonly Readonly<Record<string, number>>[];
  readonly efficient: readonly Readonly<Record<'rise' | 'before' | 'after', number>>[];
}

/** tools/reference/quantus-smooth-mprt.py */
const quantus: Reference = JSON.parse(
  readFileSync(new URL('fixtures/quantus-smooth-mprt.json', import.meta.url), 'utf8'),
);

async function quantusInputs() {
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
  };
}

test('Quantus 0.5.3, smooth MPRT with the same noise: every correlation', async () => {
  const inputs = await quantusInputs();
  const perImage = (quantus.samples - 1) * 192;
  const explainer = smoothExplainer(gradient, { samples: quantus.samples, sigma: 0.1, imagesPerCall: 2 }, (id) => {
    let next = inputs.images.ids.indexOf(id) * perImage;
    return { normal: () => quantus.noise_nhwc[next++]! };
  });
  const options = { preset: 'quantus-0.5.3', imagesPerClass: null, order: 'bottom-up' };
  const metric = await createFrom(mprt, options, plainServices());
  const [score] = await metric.measure({ ...inputs, explainer });
  quantus.smooth.forEach((expected, n) => {
    // Gradients agree to float32; two pixels that are as good as tied may swap ranks, worth 1e-4 among 64.
    Object.values(expected).forEach((value, step) => {
      expect(Math.abs(score!.curve!.values.data[n * 3 + step]! - value)).toBeLessThan(1e-3);
    });
  });
});

test('Quantus 0.5.3, efficient MPRT: the rise of entropy', async () => {
  const metric = await createFrom(efficientMprt, { preset: 'quantus-0.5.3', imagesPerClass: null }, plainServices());
  const [score] = await metric.measure({ ...(await quantusInputs()), explainer: gradient });
  quantus.efficient.forEach(({ rise }, n) => {
    expect(score!.values[n]).toBeCloseTo(rise, 6);
  });
  expect(score!.bar).toBe(undefined);
});

describe('smooth MPRT', () => {
  const inputs = { model: toyModel(3), images: toySplit(6), explainer: gradient };
  const options = { imagesPerClass: null, draws: 2, average: 'layers', order: 'bottom-up' } as const;

  test('is MPRT of an explainer that is smoothed, with the same noise for an image at every step', async () => {
    const asked = { samples: 4, sigma: 0.3, imagesPerCall: 3 };
    const smoothed = smoothExplainer(gradient, asked, (id) => randomStream(0, 'smooth-mprt', id));
    const plain = await createFrom(mprt, options, plainServices());
    const smooth = await createFrom(smoothMprt, { ...options, ...asked }, plainServices());
    const [expected, found] = [await plain.measure({ ...inputs, explainer: smoothed }), await smooth.measure(inputs)];
    expect(found.map(({ values, draws, curve }) => ({ values, draws, curve }))).toEqual(
      expected.map(({ values, draws, curve }) => ({ values, draws, curve })),
    );
    expect(found.map(({ metric, bar }) => [metric, bar])).toEqual([
      ['smooth-mprt-bottom-up', undefined],
      ['smooth-mprt-bottom-up-signed', undefined],
    ]);
  });

  test('a slow twin of the smoothed map, whose last copy has no noise', async () => {
    const images = await inputs.images.images([0, 1]);
    const asked = { samples: 3, sigma: 0.2, imagesPerCall: 2 };
    const explainer = smoothExplainer(gradient, asked, (id) => randomStream(1, id));
    const { values } = await explainer.explain(inputs.model, images, [0, 2], undefined, ['a', 'b']);
    for (const [n, id] of ['a', 'b'].entries()) {
      const image = rows(images, n, n + 1);
      const stream = randomStream(1, id);
      const range = Math.max(...image.data) - Math.min(...image.data);
      const copies = [0, 1].map(() => image.data.map((value) => value + 0.2 * range * stream.normal()));
      const maps = await Promise.all(
        [...copies, image.data].map(
          async (data) => (await inputs.model.inputGradient({ ...image, data }, [2 * n])).data,
        ),
      );
      rows(values, n, n + 1).data.forEach((value, i) => {
        expect(value).toBeCloseTo((maps[0]![i]! + maps[1]![i]! + maps[2]![i]!) / 3, 5);
      });
    }
  });

  test('refuses the last step of an order that has none', async () => {
    await expect(createFrom(smoothMprt, { order: 'independent' }, plainServices())).rejects.toThrow(
      'layers that are random one at a time never all are',
    );
  });
});

describe('efficient MPRT', () => {
  test('entropies, worked by hand', () => {
    expect(histogramEntropy(Float32Array.of(0, 1, 2, 3), 4)).toBeCloseTo(Math.log(4), 12);
    expect(histogramEntropy(Float32Array.of(0, 0.1, 0.2, 3), 3)).toBeCloseTo(
      -0.75 * Math.log(0.75) - 0.25 * Math.log(0.25),
      12,
    );
    expect(histogramEntropy(Float32Array.of(2, 2, 2), 100)).toBe(0);
  });

  test('an explainer of the image alone has no rise, and does not pass', async () => {
    const edges: Explainer = { ...gradient, explain: async (_, images) => ({ values: images, diagnostics: {} }) };
    const metric = await createFrom(efficientMprt, { draws: 2 }, plainServices());
    const [score] = await metric.measure({ model: toyModel(3), images: toySplit(6), explainer: edges });
    expect(new Set(score!.values)).toEqual(new Set([0]));
    expect([score!.bar, score!.direction]).toEqual([0, 'higher-is-better']);
  });

  test('an explainer that tells one pixel of a learned network and noise of others: entropy rises', async () => {
    const learned = toyModel(3);
    const weights = await learned.weights();
    const explainer: Explainer = {
      ...gradient,
      async explain(model: Model, images, classIndex) {
        const [own, name] = [await model.weights(), [...weights.keys()][0]!];
        const isOwn = own.get(name)!.data.every((value, i) => value === weights.get(name)!.data[i]);
        const map = (i: number) => (isOwn ? Number(i % 192 === 0) : Math.sin(i * 12.9898));
        return gradient.explain(model, images, classIndex).then(({ values, diagnostics }) => ({
          values: { ...values, data: values.data.map((_, i) => map(i)) },
          diagnostics,
        }));
      },
    };
    const metric = await createFrom(efficientMprt, {}, plainServices());
    const [score] = await metric.measure({ model: learned, images: toySplit(6), explainer });
    expect(Math.min(...score!.values)).toBeGreaterThan(10);
    expect(score!.draws!.values).toHaveLength(10);
  });

  test('images whose own map is constant are left out, and counted', async () => {
    const flat: Explainer = {
      ...gradient,
      explain: async (_, { shape }) => ({ values: ndArray('n h w c', shape), diagnostics: {} }),
    };
    const metric = await createFrom(efficientMprt, { draws: 1, imagesPerClass: null }, plainServices());
    const [score] = await metric.measure({ model: toyModel(3), images: toySplit(6), explainer: flat });
    expect(score).toMatchObject({ ids: [], values: [], draws: { values: [[]] } });
    expect(score!.omitted![0]!.reason).toBe('the map of the unchanged model is constant');
  });
});
