import { readFileSync } from 'node:fs';
import { type Attributions, createFrom, ndArray, plainServices } from '@espalier/core';
import { describeMetric } from '@espalier/core/testing';
import { gini, sparseness } from '@espalier/metrics';
import fc from 'fast-check';
import { expect, test } from 'vitest';

for (const preset of ['corrected', 'quantus-0.5.3']) {
  describeMetric(`sparseness (${preset})`, () => createFrom(sparseness, { preset }, plainServices()));
}

test('Gini indices worked by hand: constant, one-hot, linear ramp', () => {
  expect(gini(new Float32Array(64).fill(3))).toBe(0);
  expect(gini(Float32Array.from({ length: 64 }, (_, i) => Number(i === 17)))).toBeCloseTo(63 / 64, 14);
  // 1, 2, …, n has the index (n - 1) / (3 n).
  expect(gini(Float32Array.from({ length: 64 }, (_, i) => 64 - i))).toBeCloseTo(63 / (3 * 64), 14);
  expect(gini(new Float32Array(64))).toBe(0);
});

const maps = fc.array(fc.constantFrom(0, 0.25, 1, 1, 2, 1e-20, 1e20), { minLength: 1, maxLength: 60 });

test('the index is half the mean absolute difference over the mean', () => {
  fc.assert(
    fc.property(maps, (values) => {
      const total = values.reduce<number>((sum, value) => sum + Math.fround(value), 0);
      let differences = 0;
      for (const a of values) for (const b of values) differences += Math.abs(Math.fround(a) - Math.fround(b));
      const slow = total === 0 ? 0 : differences / (2 * values.length * total);
      expect(gini(Float32Array.from(values))).toBeCloseTo(slow, 12);
    }),
    { seed: 1 },
  );
});

test('the index does not change with scale or order', () => {
  fc.assert(
    fc.property(maps, fc.constantFrom(0.5, 2, 1024), (values, scale) => {
      const map = Float64Array.from(values);
      expect(gini(map.map((value) => value * scale).reverse())).toBe(gini(map));
    }),
    { seed: 2 },
  );
});

/** Made by tools/reference/quantus-sparseness.py: 8 x 8 maps, scored alone and as one batch. Quantus refuses constant ones. */
const { cases }: { cases: readonly { name: string; map: readonly number[]; alone: number; together: number }[] } =
  JSON.parse(readFileSync(new URL('fixtures/quantus-sparseness.json', import.meta.url), 'utf8'));

test.each(cases)('quantus-0.5.3 is Quantus 0.5.3, one image per call: $name', async ({ map, alone }) => {
  const [scores] = await measure(map, { preset: 'quantus-0.5.3' }, [1, 8, 8, 1]);
  expect(scores?.values[0]).toBeCloseTo(alone, 7); // maps are divided by their largest value in float32 here, float64 there
});

test.each(cases)('corrected differs from Quantus by its 1e-7 alone: $name', async ({ map, alone }) => {
  const [scores] = await measure(map, {}, [1, 8, 8, 1]);
  const most = Math.max(...map.map(Math.abs));
  const total = map.reduce((sum, value) => sum + Math.abs(value) / most, 0);
  // Adding d to every value of a map with sum S keeps all differences and makes the index S / (S + n d) of what it was.
  expect((scores!.values[0]! * total) / (total + 64e-7)).toBeCloseTo(alone, 7);
});

test('in a batch Quantus divides by the largest value of all, so that tiny values lose their index to the 1e-7', () => {
  const tiny = cases.find(({ name }) => name === 'tiny values')!;
  const most = Math.max(...cases.flatMap(({ map }) => map.map(Math.abs)));
  const shifted = gini(Float64Array.from(tiny.map, (value) => value / most + 1e-7));
  expect(shifted).toBeCloseTo(tiny.together, 7);
  expect(tiny.together).toBeLessThan(tiny.alone / 2);
});

test('another channel reduction changes the map', async () => {
  const [scores] = await measure([1, -1, 0, 0], { reduction: 'sum' }, [1, 1, 2, 2]);
  expect(scores?.values).toEqual([0]); // 1 - 1 and 0 + 0
  expect((await measure([1, -1, 0, 0], {}, [1, 1, 2, 2]))[0]?.values).toEqual([0.5]);
});

test('comes with the index under every other reduction, as if each had been asked for', async () => {
  const [values, shape] = [
    [1, -1, 3, 0, 2, 2, 0, -5],
    [1, 2, 2, 2],
  ];
  for (const reduction of ['sum', 'sum-abs', 'l2'] as const) {
    const [scores] = await measure(values, { reduction }, shape);
    expect(scores?.settings).toEqual({ reduction });
    const others = ['sum', 'sum-abs', 'max-abs', 'l2'].filter((name) => name !== reduction);
    expect(scores?.definitions?.map(({ settings }) => settings)).toEqual(others.map((name) => ({ reduction: name })));
    for (const other of scores!.definitions!) {
      expect(other.values).toEqual((await measure(values, other.settings, shape))[0]?.values);
    }
  }
});

test('maps that are zero everywhere score 0 and are counted in the log', async () => {
  const lines: string[] = [];
  const metric = await createFrom(sparseness, {}, plainServices({ log: (line) => lines.push(line) }));
  const [scores] = await metric.measure({ attributions: attributionsOf([0, 0, 0, 0], [2, 1, 2, 1]) });
  expect(scores?.values).toEqual([0, 0]);
  expect(lines).toEqual(['sparseness: 2 of 2 maps of "toy/map" are zero everywhere; they score 0.']);
});

test('a map that is not finite is an error that names the image', async () => {
  await expect(measure([0, Number.NaN, 1, 2], {})).rejects.toThrowErrorMatchingInlineSnapshot(
    `[StudyError: the attribution map of "image 0" by "toy/map": expected finite numbers, found NaN at index 1 of 4.]`,
  );
});

async function measure(values: readonly number[], options: object, shape?: readonly number[]) {
  const metric = await createFrom(sparseness, options, plainServices());
  return metric.measure({ attributions: attributionsOf(values, shape ?? [1, 1, values.length, 1]) });
}

function attributionsOf(values: readonly number[], shape: readonly number[]): Attributions {
  return {
    values: ndArray('n h w c', shape, Float32Array.from(values)),
    reduction: 'sum-abs',
    ids: Array.from({ length: shape[0]! }, (_, i) => `image ${i}`),
    classIndex: Array(shape[0]!).fill(0),
    method: 'toy/map',
    diagnostics: {},
  };
}
