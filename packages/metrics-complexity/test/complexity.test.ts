import { readFileSync } from 'node:fs';
import { type Attributions, createFrom, ndArray, plainServices } from '@espalier/core';
import { describeMetric } from '@espalier/core/testing';
import { effectiveComplexity, entropy } from '@espalier/metrics-complexity';
import { expect, test } from 'vitest';

describeMetric('entropy', () => createFrom(entropy, {}, plainServices()));
describeMetric('effective complexity', () => createFrom(effectiveComplexity, {}, plainServices()));

/** tools/reference/quantus-complexity.py: 4 x 4 maps, one image per call. */
const cases: readonly { name: string; map: readonly number[]; entropy: number; entropy06: number; count: number }[] =
  JSON.parse(readFileSync(new URL('fixtures/quantus.json', import.meta.url), 'utf8'));

const one = (map: readonly number[]): Attributions => ({
  values: ndArray('n h w c', [1, 4, 4, 1], Float32Array.from(map)),
  reduction: 'sum',
  ids: ['a'],
  classIndex: [0],
  method: 'toy/map',
  diagnostics: {},
});

const valuesOf = async (plugin: typeof entropy | typeof effectiveComplexity, attributions: Attributions) => {
  const metric = await (plugin === entropy
    ? createFrom(entropy, {}, plainServices())
    : createFrom(effectiveComplexity, {}, plainServices()));
  return (await metric.measure({ attributions }))[0]!;
};

test.each(cases)('Quantus: $name', async ({ map, entropy: nats, entropy06, count }) => {
  const { values } = await valuesOf(entropy, one(map));
  expect(values[0]).toBeCloseTo(nats, 6); // maps are float32 here
  expect(values[0]).toBeCloseTo(entropy06, 6);
  expect((await valuesOf(effectiveComplexity, one(map))).values[0]! * 16).toBe(count);
});

test('neither changes with the scale or the sign of a map', async () => {
  const map = Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 0 : i - 7));
  for (const plugin of [entropy, effectiveComplexity]) {
    const { values } = await valuesOf(plugin, one(map));
    for (const scale of [-1, 2 ** -20, 2 ** 60]) {
      expect((await valuesOf(plugin, one(map.map((value) => value * scale)))).values).toEqual(values);
    }
  }
});

test('a map of one pixel is as simple as can be, and one of zeros has nothing to count', async () => {
  const pixel = one(Array.from({ length: 16 }, (_, i) => Number(i === 5)));
  expect((await valuesOf(entropy, pixel)).values).toEqual([0]);
  expect((await valuesOf(effectiveComplexity, pixel)).values).toEqual([1 / 16]);
  for (const plugin of [entropy, effectiveComplexity])
    expect(await valuesOf(plugin, one(Array(16).fill(0)))).toMatchObject({
      ids: [],
      omitted: [{ reason: 'the map is zero everywhere', ids: ['a'] }],
    });
});
