import { readFileSync } from 'node:fs';
import {
  type Attributions,
  createFrom,
  type Measurement,
  ndArray,
  plainServices,
  type Split,
  type TruthRegion,
} from '@espalier/core';
import { describeMetric, splitOf } from '@espalier/core/testing';
import { localisation, measureRegion } from '@espalier/metrics';
import fc from 'fast-check';
import { expect, test } from 'vitest';

for (const options of [{}, { preset: 'quantus-0.5.3' }, { negatives: 'absolute', area: true }]) {
  describeMetric(`localisation (${JSON.stringify(options)})`, () => createFrom(localisation, options, plainServices()));
}

const region = (name: string, mask: readonly number[]): TruthRegion => ({ name, mask: Uint8Array.from(mask) });

test('the three measures, worked by hand', async () => {
  // Inside: 4 and 1. The largest value is inside; 4 + 1 of 4 + 1 + 3 is inside; of the largest two (4, 3), one is inside.
  const regions = [[region('a', [1, 1, 0, 0])]];
  const [pointing, mass, rank, area] = await measure([4, 1, 3, -2], regions, { area: true });
  expect(pointing).toMatchObject({ metric: 'pointing-game', values: [1], range: [0, 1] });
  expect(mass).toMatchObject({ metric: 'relevance-mass', values: [5 / 8] });
  expect(rank).toMatchObject({ metric: 'relevance-rank', values: [1 / 2] });
  expect(area).toMatchObject({ metric: 'region-area', values: [1 / 2], direction: 'neither' });
});

test('what only looks like evidence is scored apart, and only where the data knows it', async () => {
  // Evidence has 4 + 1 of 8, the distractor 3; what is negative counts nothing.
  const misleading = { ...region('m', [0, 0, 1, 1]), role: 'distractor' as const };
  const scores = await measure([4, 1, 3, -2], [[region('a', [1, 1, 0, 0]), misleading]], { area: true });
  expect(scores.map(({ metric, values }) => [metric, ...values])).toEqual([
    ['pointing-game', 1],
    ['relevance-mass', 5 / 8],
    ['relevance-rank', 1 / 2],
    ['distractor-mass', 3 / 8],
    ['region-area', 1 / 2],
    ['distractor-area', 1 / 2],
  ]);
  expect(scores[3]).toMatchObject({ direction: 'lower-is-better', range: [0, 1] });
  const named = await measure([4, 1, 3, -2], [[region('a', [1, 1, 0, 0]), misleading]], { regions: ['m'] });
  expect(named.map(({ metric, values }) => [metric, ...values])).toContainEqual(['relevance-mass', 3 / 8]);
  expect(named.map(({ metric }) => metric)).not.toContain('distractor-mass');
  const both = [[region('a', [1, 1, 0, 0])], [region('a', [1, 1, 0, 0]), misleading]];
  const two = await measure([0, 0, 0, 0, 4, 1, 3, -2], both, {}, [], [2, 1, 4, 1]);
  const blank = two.find(({ metric }) => metric === 'distractor-mass');
  expect(blank).toMatchObject({ values: [3 / 8], omitted: [{ reason: 'no distractor', ids: [expect.any(String)] }] });
});

test('a uniform map scores the share of the region, on all three; so does a map of zeros, which is counted', async () => {
  const lines: string[] = [];
  for (const values of [
    [2, 2, 2, 2],
    [0, 0, 0, 0],
    [-1, -1, -2, -3],
  ]) {
    const scores = await measure(values, [[region('a', [0, 0, 1, 0])]], { area: true }, lines);
    expect(scores.map((score) => score.values)).toEqual([[0.25], [0.25], [0.25], [0.25]]);
  }
  const line = 'localisation: 1 of 1 maps add up to 0; their mass counts as that of a uniform map.';
  expect(lines).toEqual([line, line]);
});

const tiedMaps = fc
  .array(fc.tuple(fc.constantFrom(0, 0, 1, 1, 2, 1e-20), fc.boolean()), { minLength: 1, maxLength: 6 })
  .filter((pixels) => pixels.some(([, inside]) => inside));

test('ties count as their mean over every order that ties could be in', () => {
  fc.assert(
    fc.property(tiedMaps, (pixels) => {
      const map = Float32Array.from(pixels, ([value]) => value);
      const mask = Uint8Array.from(pixels, ([, inside]) => Number(inside));
      const size = mask.reduce((sum, inside) => sum + inside, 0);
      const orders = permutations([...map.keys()]);
      let [first, top] = [0, 0];
      for (const order of orders) {
        const sorted = [...order].sort((a, b) => map[b]! - map[a]!); // stable: `order` breaks ties
        first += mask[sorted[0]!]! / orders.length;
        top += sorted.slice(0, size).reduce((sum, i) => sum + mask[i]!, 0) / size / orders.length;
      }
      const { pointing, rank } = measureRegion(map, mask);
      expect(pointing).toBeCloseTo(first, 10);
      expect(rank).toBeCloseTo(top, 10);
    }),
    { seed: 1, numRuns: 60 },
  );
});

test('negatives are dropped, counted by their size, or kept', async () => {
  const map = [3, -1, 1, -5];
  const regions = [[region('a', [1, 1, 0, 0])]];
  const massOf = async (options: object) => (await measure(map, regions, options))[1]!;
  expect(await massOf({})).toMatchObject({ values: [3 / 4] });
  expect(await massOf({ negatives: 'absolute' })).toMatchObject({
    values: [4 / 10],
  });
  expect(await massOf({ preset: 'quantus-0.5.3' })).toMatchObject({ values: [2 / -2], range: [null, null] });
});

test('the other channel reductions come with the scores', async () => {
  const regions = [[region('a', [1, 0])]];
  const [, mass] = await measure([3, -1, 1, 1], regions, {}, [], [1, 1, 2, 2]);
  expect(mass).toMatchObject({ values: [1 / 2], settings: { reduction: 'sum' } });
  const found = Object.fromEntries(mass!.definitions!.map(({ settings, values }) => [settings.reduction, values[0]!]));
  expect(Object.keys(found)).toEqual(['abs-sum', 'sum-abs', 'max-abs', 'l2']);
  expect(found).toMatchObject({ 'abs-sum': 1 / 2, 'sum-abs': 4 / 6, 'max-abs': 3 / 4 });
});

test('a signed map that adds up to 0 has no mass, and is said to be omitted', async () => {
  const regions = [[region('a', [1, 0])], [region('a', [1, 0])]];
  const lines: string[] = [];
  const scores = await measure([1, -1, 2, 0], regions, { preset: 'quantus-0.5.3' }, lines, [2, 1, 2, 1]);
  expect(scores[1]).toMatchObject({
    ids: ['toy/1'],
    values: [1],
    omitted: [{ reason: 'the map adds up to 0', ids: ['toy/0'] }],
  });
  expect(scores[0]!.ids).toEqual(['toy/0', 'toy/1']);
  expect(lines).toEqual(['localisation: 1 of 2 maps add up to 0; their mass is not defined.']);
});

test('images without a region, or with an empty one, are never hits: they are omitted', async () => {
  const regions = [[region('a', [0, 0])], [], [region('a', [0, 1])]];
  const [pointing] = await measure([1, 0, 1, 0, 1, 0], regions, {}, [], [3, 1, 2, 1]);
  expect(pointing).toMatchObject({
    ids: ['toy/2'],
    values: [0],
    omitted: [{ reason: 'no region', ids: ['toy/0', 'toy/1'] }],
  });
});

test('regions are chosen by name, and taken together', async () => {
  const regions = [[region('a', [1, 0, 0]), region('b', [0, 1, 0])]];
  const massOf = async (names: string[]) => (await measure([1, 2, 5], regions, { regions: names }))[1]!;
  expect((await massOf(['a', 'b'])).values).toEqual([3 / 8]);
  expect(await massOf(['b'])).toMatchObject({ values: [2 / 8] });
  await expect(massOf(['c'])).rejects.toThrowErrorMatchingInlineSnapshot(
    `[StudyError: The metric "localisation" is to count the region "c"; the regions of the split "toy" are called "a", "b".]`,
  );
});

test('where no image has a region, all are omitted; a split that knows no regions is refused', async () => {
  for (const regions of [[[]], [[region('a', [0, 0])]]]) {
    const scores = await measure([1, 2], regions);
    expect(scores.map(({ metric }) => metric)).toEqual(['pointing-game', 'relevance-mass', 'relevance-rank']);
    for (const one of scores)
      expect(one).toMatchObject({ ids: [], values: [], omitted: [{ reason: 'no region', ids: ['toy/0'] }] });
  }
  const { truth: _, ...bare } = imagesWith([[]], [1, 1, 2, 1]);
  const metric = await createFrom(localisation, {}, plainServices());
  await expect(
    metric.measure({ images: bare, attributions: attributionsOf([1, 2], [1, 1, 2, 1]) }),
  ).rejects.toThrowErrorMatchingInlineSnapshot(
    `[StudyError: The metric "localisation" needs images with regions; the split "toy" has none. Take a dataset that knows where things are (data-planted does), or give it boxes or masks (data-folder: the options "boxes" and "masks").]`,
  );
});

test('a region of another size than the map is refused', async () => {
  await expect(measure([1, 2], [[region('a', [1, 0, 0])]])).rejects.toThrowErrorMatchingInlineSnapshot(
    `[StudyError: The attribution map of "toy/0" by "toy/map" has 2 pixels, its region 3. Connect the images that were explained.]`,
  );
});

interface QuantusCase {
  readonly name: string;
  readonly height: number;
  readonly width: number;
  readonly map: readonly number[];
  readonly region: readonly number[];
  readonly pointing: number;
  readonly mass: number;
  readonly rank: number;
}

const cases: readonly QuantusCase[] = JSON.parse(
  readFileSync(new URL('fixtures/quantus-localisation.json', import.meta.url), 'utf8'),
);

test.each(cases)('Quantus 0.5.3: $name', async ({ height, width, map, region: mask, pointing, mass, rank }) => {
  const shape = [1, height, width, 1];
  const scores = await measure(map, [[region('a', mask)]], { preset: 'quantus-0.5.3' }, [], shape);
  const [hit, share, ranked] = scores.map(({ values }) => values[0]!);
  expect([hit, ranked]).toEqual([pointing, rank]);
  // Quantus divides by the largest value and sums in float32; a signed sum near 0 makes that visible.
  expect(Math.abs(share! - mass)).toBeLessThan(1e-5 * Math.max(1, Math.abs(mass)));
});

function permutations(items: readonly number[]): readonly (readonly number[])[] {
  if (items.length <= 1) return [items];
  return items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]));
}

async function measure(
  values: readonly number[],
  regions: readonly (readonly TruthRegion[])[],
  options: object = {},
  lines: string[] = [],
  shape: readonly number[] = [1, 1, values.length, 1],
): Promise<readonly Measurement[]> {
  const metric = await createFrom(localisation, options, plainServices({ log: (line) => lines.push(line) }));
  return metric.measure({ images: imagesWith(regions, shape), attributions: attributionsOf(values, shape) });
}

function imagesWith(regions: readonly (readonly TruthRegion[])[], shape: readonly number[]): Split {
  const [count, height, width] = shape as [number, number, number, number]; // 'n h w c' has four sizes
  const split = splitOf(ndArray('n h w c', [count, height, width, 3]), Array(count).fill(0), ['class 0']);
  return { ...split, truth: async (index) => regions[index]! };
}

function attributionsOf(values: readonly number[], shape: readonly number[]): Attributions {
  return {
    values: ndArray('n h w c', shape, Float32Array.from(values)),
    reduction: 'sum',
    ids: Array.from({ length: shape[0]! }, (_, i) => `toy/${i}`),
    classIndex: Array(shape[0]!).fill(0),
    method: 'toy/map',
    diagnostics: {},
  };
}
