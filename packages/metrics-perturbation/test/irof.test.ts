import { readFileSync } from 'node:fs';
import { createFrom, type Model, ndArray, plainServices, rows } from '@espalier/core';
import { describeMetric, type HiddenLayer, hiddenLayer, toyInputs } from '@espalier/core/testing';
import { irof, irofOf, slic } from '@espalier/metrics-perturbation';
import { probability } from '@espalier/numerics';
import { describe, expect, test } from 'vitest';

for (const preset of ['corrected', 'quantus-0.5.3'])
  describeMetric(`IROF (${preset})`, () => createFrom(irof, { preset, segments: 6 }, plainServices()));

interface Reference extends HiddenLayer {
  readonly maps: readonly number[];
  /** By image, as `maps`. */
  readonly segments: readonly number[];
  readonly irof: readonly number[];
  readonly pictures: readonly {
    readonly height: number;
    readonly width: number;
    readonly image: readonly number[];
    readonly runs: readonly {
      readonly segments: number;
      readonly compactness: number;
      readonly labels: readonly number[];
    }[];
  }[];
}

/** tools/reference/irof.py: Quantus 0.5.3 and scikit-image 0.26. */
const reference: Reference = JSON.parse(readFileSync(new URL('fixtures/irof.json', import.meta.url), 'utf8'));
const mean = { name: 'mean' } as const;

describe('Quantus 0.5.3, with the same segments', () => {
  test.each([...reference.irof.entries()])('image %i', async (n, expected) => {
    const { model, images } = hiddenLayer(reference);
    const size = reference.side ** 2;
    const own = <Item>(all: readonly Item[]) => all.slice(n * size, (n + 1) * size);
    const found = await irofOf(
      model,
      {
        image: rows(images, n, n + 1).data,
        map: Float32Array.from(own(reference.maps)),
        classIndex: reference.targets[n]!,
        id: `${n}`,
      },
      Int32Array.from(own(reference.segments)),
      { baseline: mean, imagesPerCall: 4, area: 'quantus-0.5.3' },
    );
    expect(found).toBeCloseTo(expected, 4); // its probabilities are float32
  });
});

describe('scikit-image 0.26', () => {
  test.each(reference.pictures.flatMap(({ runs, ...picture }) => runs.map((run) => ({ ...picture, ...run }))))(
    'SLIC of $height x $width, $segments segments, compactness $compactness',
    (run) => {
      const { height, width, image, labels, ...asked } = run;
      expect([...slic(Float32Array.from(image), { height, width, channels: 3 }, asked)]).toEqual(labels);
    },
  );
});

describe('superpixels', () => {
  const size = { height: 12, width: 9, channels: 3 };
  const noise = Float32Array.from({ length: 12 * 9 * 3 }, (_, i) => Math.abs(Math.sin(i * 12.9898) * 43758.5453) % 1);

  test('are numbered from 0 without gaps, and each is one piece', () => {
    for (const image of [noise, noise.map(() => 0.5)])
      for (const compactness of [0.01, 10, 1000]) {
        const labels = slic(image, size, { segments: 10, compactness });
        const seen = new Set(labels);
        expect([...seen].sort((a, b) => a - b)).toEqual([...seen.keys()].map((_, i) => i));
        for (const label of seen) expect(piecesOf(labels, label)).toBe(1);
      }
  });

  /** A slow twin of what is one piece: pixels join whatever they touch until nothing changes. */
  function piecesOf(labels: Int32Array, label: number): number {
    const group = new Map([...labels.keys()].filter((pixel) => labels[pixel] === label).map((pixel) => [pixel, pixel]));
    for (let changed = true; changed; ) {
      changed = false;
      for (const [pixel, own] of group)
        for (const other of [pixel - 9, pixel % 9 > 0 ? pixel - 1 : -1]) {
          const theirs = group.get(other);
          if (theirs === undefined || theirs === own) continue;
          for (const each of [pixel, other]) group.set(each, Math.min(own, theirs));
          changed = true;
        }
    }
    return new Set(group.values()).size;
  }

  test('of one colour are the squares of a grid', () => {
    const labels = slic(
      new Float32Array(192).fill(0.3),
      { height: 8, width: 8, channels: 3 },
      { segments: 4, compactness: 10 },
    );
    expect(new Set(labels).size).toBe(4);
    expect([labels[0], labels[7], labels[56], labels[63]]).toEqual([0, 1, 2, 3]);
  });
});

test('a slow twin: segment by segment, to black', async () => {
  const inputs = toyInputs();
  const { model, attributions, images } = inputs;
  const options = { segments: 8, baseline: { name: 'black' }, imagesPerCall: 3 };
  const [score] = await (await createFrom(irof, options, plainServices())).measure(inputs);
  const image = (await images.images([0])).data;
  const labels = slic(image, model.input, { segments: 8, compactness: 10 });
  const count = Math.max(...labels) + 1;
  const meanOf = (segment: number) => {
    const own = [...labels.keys()].filter((pixel) => labels[pixel] === segment);
    const value = (pixel: number) =>
      [0, 1, 2].reduce((sum, c) => sum + Math.abs(attributions.values.data[pixel * 3 + c]!), 0);
    return own.reduce((sum, pixel) => sum + value(pixel), 0) / own.length;
  };
  const order = Array.from({ length: count }, (_, k) => k).sort((a, b) => meanOf(b) - meanOf(a) || a - b);
  const at = async (gone: number) => {
    const first = new Set(order.slice(0, gone));
    const changed = image.map((value, i) => (first.has(labels[Math.floor(i / 3)]!) ? 0 : value));
    return probability((await model.predict(ndArray('n h w c', [1, 8, 8, 3], changed))).data, images.labels[0]!);
  };
  const whole = await at(0);
  let area = 0;
  for (let l = 0; l < count; l++) area += ((await at(l)) + (await at(l + 1))) / whole / 2 / count;
  expect(count).toBeGreaterThan(3);
  expect(score!.values[0]).toBeCloseTo(1 - area, 5);
});

describe('worked by hand', () => {
  const at = { image: new Float32Array(12).fill(1), map: Float32Array.of(4, 3, 2, 1), classIndex: 1, id: 'four' };
  const segments = Int32Array.of(1, 0, 2, 3);
  const asked = { baseline: { name: 'black' }, imagesPerCall: 32 } as const;
  const input = { ...toyInputs().model.input, height: 2, width: 2 };
  /** The class has probability `of` the number of pixels that are left. */
  const model = (of: (left: number) => number): Model => ({
    ...toyInputs().model,
    input,
    predict: async ({ data, shape }) =>
      ndArray(
        'n k',
        [shape[0]!, 2],
        Float32Array.from({ length: 2 * shape[0]! }, (_, i) => {
          if (i % 2 === 0) return 0;
          const p = of(data.subarray(6 * (i - 1), 6 * (i + 1)).reduce((sum, value) => sum + value / 3, 0));
          return Math.log(p / (1 - p));
        }),
      ),
  });

  test('a class that goes at once: only the first half step is left', async () => {
    const found = await irofOf(
      model((left) => (left > 3.5 ? 0.5 : 1e-30)),
      at,
      segments,
      { ...asked, area: 'share' },
    );
    expect(found).toBeCloseTo(1 - 0.5 / 4, 5);
  });

  test('a class that loses nothing: 0; by Quantus, which leaves the first step out, 1', async () => {
    const still = model(() => 0.5);
    expect(await irofOf(still, at, segments, { ...asked, area: 'share' })).toBeCloseTo(0, 6);
    expect(await irofOf(still, at, segments, { ...asked, area: 'quantus-0.5.3' })).toBeCloseTo(1, 6);
  });
});

test('images without a value say why', async () => {
  const inputs = toyInputs();
  const hopeless: Model['predict'] = async ({ shape }) =>
    ndArray(
      'n k',
      [shape[0]!, 3],
      Float32Array.from({ length: 3 * shape[0]! }, (_, i) => (i % 3 === inputs.images.labels[0] ? -1e9 : 0)),
    );
  const metric = await createFrom(irof, { segments: 4 }, plainServices());
  const [score] = await metric.measure({ ...inputs, model: { ...inputs.model, predict: hopeless } });
  expect(score!.omitted!.map(({ reason }) => reason)).toEqual([
    'the map is one constant everywhere: it orders no segments',
    'the class has no probability that could be lost',
  ]);
  expect(score!.omitted![0]!.ids).toEqual([inputs.images.ids[5]]);
});
