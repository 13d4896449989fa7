import { readFileSync } from 'node:fs';
import { sensitivity, separate, tcav, welchTest } from '@espalier/concepts-tcav';
import {
  type ConceptBank,
  createFrom,
  type Model,
  type NdArray,
  ndArray,
  plainServices,
  randomStream,
} from '@espalier/core';
import {
  describeConcepts,
  describeLabels,
  describeMetric,
  splitOf,
  toyExamples,
  toyInputs,
  toyModel,
  toyTokens,
} from '@espalier/core/testing';
import { describe, expect, test } from 'vitest';

const few = { draws: 3, patch: 0.5 };
const create = (options: object = {}, services = plainServices()) => createFrom(tcav, { ...few, ...options }, services);

describeConcepts('tcav', () => create());
describeConcepts('tcav of signed tokens', () => create(), toyTokens);
describeMetric('TCAV score', () => createFrom(sensitivity, {}, plainServices()));
describeLabels(tcav, {
  bases: [few],
  values: { patch: [0.25], layer: ['features'], draws: [4], examples: [9], heldOut: [0.5], alpha: [1] },
});
describeLabels(sensitivity, { bases: [{}], values: {} });

interface Case {
  readonly rows: number;
  readonly columns: number;
  readonly positive: number;
  readonly alpha: number;
  readonly values: readonly number[];
  readonly weights: readonly number[];
  readonly intercept: number;
}

// Made by tools/reference/tcav.py with scikit-learn 1.9.1.
const cases: readonly Case[] = JSON.parse(readFileSync(new URL('fixtures/logistic.json', import.meta.url), 'utf8'));

describe('logistic regression', () => {
  test.each(cases)('has the weights of scikit-learn: $rows rows of $columns', (known) => {
    const data = Float64Array.from(known.values);
    const isPositive = Array.from({ length: known.rows }, (_, i) => i < known.positive);
    const { weights, intercept, isConverged } = separate({ ...known, data }, isPositive, known.alpha);
    expect(isConverged).toBe(true);
    for (const [d, weight] of known.weights.entries()) expect(weights[d]! / weight).toBeCloseTo(1, 5);
    expect(intercept).toBeCloseTo(known.intercept, 6);
  });

  test('is the same direction however large activations are, and none where all are alike', () => {
    const data = Float64Array.from({ length: 12 }, (_, i) => (i * 7) % 5);
    const isPositive = [true, true, true, false, false, false];
    const found = separate({ rows: 6, columns: 2, data }, isPositive, 0.1);
    const large = separate({ rows: 6, columns: 2, data: data.map((value) => 1000 * value) }, isPositive, 0.1);
    for (const d of [0, 1]) expect(1000 * large.weights[d]!).toBeCloseTo(found.weights[d]!, 9);
    const alike = separate({ rows: 6, columns: 2, data: new Float64Array(12).fill(0.1) }, isPositive, 0.1);
    expect(alike).toEqual({ weights: new Float64Array(2), intercept: 0, isConverged: true });
  });
});

// scipy.stats.ttest_ind(..., equal_var=False)
test('Welch’s test is that of SciPy; where nothing varies it is sure', () => {
  expect(welchTest([0.7, 0.9, 0.8, 1], [0.4, 0.5, 0.6])).toBeCloseTo(0.010076943348, 10);
  expect(welchTest([1, 1], [0.5, 0.5])).toBe(0);
  expect(welchTest([1, 1], [1, 1])).toBe(1);
});

/** The toy's features are three channels of each place, and its classes a weight for each of them. */
async function channels(): Promise<Model> {
  const model = toyModel(1, { features: 3 });
  const weights = new Map(await model.weights());
  const identity = Float32Array.from(
    { length: 36 },
    (_, i) => Number(Math.floor(i / 12) === Math.floor((i % 12) / 4)) / 4,
  );
  const classes = Float32Array.from([1, -1, 0, -1, 1, 0, 0, 0, 1]);
  const bias = weights.get('conv.bias')!;
  weights.set('conv.weight', ndArray('o i h w', [3, 3, 2, 2], identity));
  weights.set('conv.bias', { ...bias, data: new Float32Array(3) });
  weights.set('fc.weight', ndArray('k d', [3, 3], classes));
  return model.withWeights(weights);
}

/** Noise, brighter by `more` in the channel `tint`. */
function pictures(count: number, name: string, tint = 0, more = 0): NdArray<'n h w c'> {
  const stream = randomStream(4, name);
  const data = Array.from({ length: count * 192 }, (_, i) => 0.6 * stream.uniform() + (i % 3 === tint ? more : 0));
  return ndArray('n h w c', [count, 8, 8, 3], Float32Array.from(data));
}

async function bankOf(classIndex: number, log: string[] = []): Promise<ConceptBank> {
  const red = pictures(10, 'red', 0, 0.3);
  const noise = pictures(10, 'noise');
  const both = ndArray('n h w c', [20, 8, 8, 3], Float32Array.from([...red.data, ...noise.data]));
  const labels = Array.from({ length: 20 }, (_, i) => Number(i >= 10));
  const examples = splitOf(both, labels, ['red', 'noise']);
  const counterparts = splitOf(pictures(24, 'others'), Array(24).fill(0), ['any']);
  const images = pictures(4, 'images');
  const services = { ...plainServices(), log: (line: string) => void log.push(line) };
  const extractor = await create({ draws: 10 }, services);
  return extractor.extract(await channels(), { ids: ['a', 'b', 'c', 'd'], images, classIndex, examples, counterparts });
}

describe('concepts that are known', () => {
  test('a class of red rises along red, one against it falls, and noise is told to be chance', async () => {
    const log: string[] = [];
    const banks = [await bankOf(0, log), await bankOf(1)];
    expect(log).toEqual([
      expect.stringMatching(
        /^"noise" is told from counterparts no better than by chance: \d\d\.\d % of 6 images that were held out$/,
      ),
    ]);
    const images = splitOf(pictures(4, 'images'), [0, 0, 0, 0], ['warm', 'cold', 'blue']);
    const measured = await (await createFrom(sensitivity, {}, plainServices())).measure({
      ...toyInputs(),
      images,
      concepts: banks,
    });
    const [scores, over, p, accuracy] = measured;
    expect(scores).toMatchObject({
      metric: 'tcav-score',
      ids: ['warm: red', 'cold: red'],
      values: [1, 0],
      sharedFits: ['red', 'red'],
      omitted: [
        {
          reason: 'its examples are told from counterparts no better than by chance',
          ids: ['warm: noise', 'cold: noise'],
        },
      ],
    });
    expect(scores!.draws!.values).toEqual(Array(10).fill([1, 0]));
    expect(over!.values[0]).toBeGreaterThan(0);
    expect(over!.values[1]).toBeLessThan(0);
    for (const value of p!.values) expect(value).toBeLessThan(0.05);
    expect(accuracy!.ids).toHaveLength(4);
    expect(accuracy!.values[accuracy!.ids.indexOf('warm: red')]).toBeGreaterThan(0.95);
  });

  test('directions are told by the data alone: the same in every model’s draws, and another with another seed', async () => {
    const extracted = async (pairedSeed: number) => {
      const extractor = await create({}, { ...plainServices(), pairedSeed });
      const given = { ids: ['a'], images: pictures(1, 'images'), classIndex: 0, ...toyExamples() };
      return (await extractor.extract(toyModel(2), given)).dictionary.data;
    };
    expect(await extracted(1)).toEqual(await extracted(1));
    expect(await extracted(1)).not.toEqual(await extracted(2));
  });
});

describe('what is refused', () => {
  const given = { ids: ['a'], images: pictures(1, 'images'), classIndex: 0 };
  test.each([
    [
      'no examples',
      {},
      {},
      'concepts-tcav/examples-missing',
      'found no "examples". Connect a dataset to the input "examples".',
    ],
    [
      'no counterparts',
      { examples: toyExamples().examples },
      {},
      'concepts-tcav/examples-missing',
      'found no "counterparts".',
    ],
    [
      'too few examples',
      toyExamples(),
      { examples: 11 },
      'core/options-invalid',
      'TCAV needs 11 examples of the concept "class 0"; there are 10.',
    ],
    [
      'too few counterparts',
      { ...toyExamples(), counterparts: splitOf(pictures(19, 'x'), Array(19).fill(0), ['x']) },
      {},
      'core/options-invalid',
      'TCAV needs 20 counterparts, twice as many as examples of a concept: half of them are told from the other half, for what chance gives; there are 19.',
    ],
    [
      'too few held out',
      toyExamples(),
      { heldOut: 0.2 },
      'core/options-invalid',
      'TCAV holds 2 of 10 examples out to test directions on, and as many counterparts; fewer than 3 of each tell nothing from chance. Add examples, or raise `heldOut`.',
    ],
  ] as const)('%s', async (_, shown, options, code, text) => {
    await expect((await create(options)).extract(toyModel(), { ...given, ...shown })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(text),
    });
  });
});
