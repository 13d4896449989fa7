import { createFrom, ndArray, plainServices, randomStream } from '@espalier/core';
import { describeMetric, splitOf, toyModel } from '@espalier/core/testing';
import { coherence, pixelEmbeddings } from '@espalier/metrics-concepts';
import { describe, expect, test } from 'vitest';
import { bankOf } from './toy-banks.ts';

const create = (options: object = {}, changes = {}) => createFrom(coherence, options, plainServices(changes));

describeMetric('coherence (pixels)', () => create());
describeMetric('coherence (model)', () => create({ embedding: 'model' }));
describeMetric('coherence (baseline)', async () => {
  const metric = await create({ embedding: 'baseline' });
  return { measure: (inputs) => metric.measure(inputs, inputs) };
});

// Two red images and two blue ones, flat: red and blue share no colour bin, and there is no edge.
const colours = [
  [1, 0, 0],
  [1, 0, 0],
  [0, 0, 1],
  [0, 0, 1],
] as const;
const images = splitOf(
  ndArray(
    'n h w c',
    [4, 8, 8, 3],
    Float32Array.from({ length: 768 }, (_, i) => colours[Math.floor(i / 192)]![i % 3]!),
  ),
  [0, 0, 0, 0],
  ['things', 'others'],
);
const ids = images.ids;

test('by hand: a concept of one colour, one of both, and what permuted codes would have', async () => {
  const codes = [
    [1, 1],
    [1, 0],
    [0, 1],
    [0, 0],
  ];
  const inputs = { model: toyModel(), images, concepts: [bankOf({ ids, codes })] };
  const nullConcepts = [bankOf({ ids, codes: [[1], [1], [1], [1]] })];
  const scores = await (await create()).measure({ ...inputs, nullConcepts });
  expect(scores.map(({ metric }) => metric)).toEqual([
    'concept-coherence',
    'concept-coherence-minus-permuted',
    'concept-coherence-minus-null',
  ]);
  // The first concept's pair is alike, the second's is not: 1/2. Of the six pairs of crops two are alike: 1/3.
  const [value, minusPermuted, minusNull] = scores.map(({ values }) => values[0]);
  expect(value).toBeCloseTo(1 / 2, 12);
  expect(minusPermuted).toBeCloseTo(1 / 2 - 1 / 3, 12);
  expect(minusNull).toBeCloseTo(1 / 2 - 1 / 3, 12);
  expect(scores[0]).toMatchObject({ sample: 'class', ids: ['things'] });
});

test('leaves out a concept without a pair, and a class without such a concept, and says so', async () => {
  const lines: string[] = [];
  const metric = await create({}, { log: (line: string) => lines.push(line) });
  const one = bankOf({ ids, codes: [[1, 1], [1, 0], [0, 0], [0, 0]] }); // biome-ignore format: rows are crops
  const none = bankOf({ ids, codes: [[1], [0], [0], [0]], classIndex: 1 });
  const [scores] = await metric.measure({ model: toyModel(), images, concepts: [one, none] });
  expect(scores!.ids).toEqual(['things']);
  expect(scores!.values[0]).toBeCloseTo(1, 12);
  expect(lines).toEqual(['coherence: no concept of others is in two crops; the class is left out.']);
  const omitted = [{ reason: 'no concept is in two crops or more', ids: ['others'] }];
  expect(scores!.omitted).toEqual(omitted);
  for (const empty of await metric.measure({ model: toyModel(), images, concepts: [none] }))
    expect(empty).toMatchObject({ ids: [], values: [], omitted });
});

test("compares in the model asked for: its own, or the baseline's", async () => {
  const stream = randomStream(2, 'coherence');
  const noise = splitOf(
    ndArray(
      'n h w c',
      [4, 8, 8, 3],
      Float32Array.from({ length: 768 }, () => stream.uniform()),
    ),
    [0, 0, 0, 0],
    ['things'],
  );
  const concepts = [bankOf({ ids, codes: [[1], [2], [0.5], [1]] })];
  const inputs = { model: toyModel(1), images: noise, concepts };
  const value = async (embedding: string, model = toyModel(1)) =>
    (await (await create({ embedding })).measure({ ...inputs, model }, { ...inputs, model: toyModel(7) }))[0]!;
  const own = await value('model');
  const other = await value('baseline');
  expect(other.values).not.toEqual(own.values);
  expect(other.values).toEqual((await value('model', toyModel(7))).values);
  expect(other.values).toEqual((await value('baseline', toyModel(3))).values);
  expect(own.settings).toEqual({ embedding: 'model', layer: 'features' });
});

describe('the pixel embedding', () => {
  const noise = () => {
    const stream = randomStream(3, 'pixels');
    return ndArray(
      'n h w c',
      [1, 12, 12, 3],
      Float32Array.from({ length: 432 }, () => stream.uniform()),
    );
  };
  const crops = [
    { image: 0, top: 0, left: 0, size: 6 },
    { image: 0, top: 3, left: 5, size: 7 },
  ];

  test('has length 1 and no negative value', () => {
    const { count, size, data } = pixelEmbeddings(noise(), crops);
    expect([count, size]).toEqual([2, 72]);
    for (let n = 0; n < count; n++) {
      const row = data.subarray(n * size, (n + 1) * size);
      expect(row.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 12);
      expect(Math.min(...row)).toBeGreaterThanOrEqual(0);
    }
  });

  test('sees nothing outside the crop', () => {
    const images = noise();
    const whole = pixelEmbeddings(images, crops).data.slice(0, 72);
    for (let y = 0; y < 12; y++)
      for (let x = 0; x < 12; x++) if (y >= 6 || x >= 6) images.data.fill(0.5, (12 * y + x) * 3, (12 * y + x + 1) * 3);
    expect(pixelEmbeddings(images, crops).data.slice(0, 72)).toEqual(whole);
  });

  test('puts colours into the bins around them, and edges into their orientation', () => {
    // Left half black, right half (1, 1/2, 0): an edge across, seen from two columns.
    const data = Float32Array.from({ length: 48 }, (_, i) => (Math.floor(i / 3) % 4 < 2 ? 0 : [1, 0.5, 0][i % 3]!));
    const { data: row } = pixelEmbeddings(ndArray('n h w c', [1, 4, 4, 3], data), [{ ...crops[0]!, size: 4 }]);
    const filled = [...row.entries()].filter(([, value]) => value > 1e-9).map(([bin]) => bin);
    // Green 1/2 is half-way between levels 1 and 2; bins count 16 red + 4 green + blue.
    expect(filled).toEqual([0, 3 * 16 + 4, 3 * 16 + 8, 64]);
    expect(row[0]! / row[52]!).toBeCloseTo(2, 6);
    expect(row[64]).toBeCloseTo(Math.SQRT1_2, 12);
  });
});

test('names what is missing', async () => {
  const inputs = { model: toyModel(), images, concepts: [bankOf({ ids, codes: [[1], [1], [1], [1]] })] };
  const measure = async (options: object, given: object) => (await create(options)).measure(given);
  await expect(measure({ embedding: 'baseline' }, inputs)).rejects.toThrowErrorMatchingInlineSnapshot(
    `[StudyError: The metric "coherence" with the embedding "baseline" needs the baseline's model; found no baseline. Give the node a "baseline", such as { "axis": "sparsity", "at": 0 }, or choose another "embedding".]`,
  );
  await expect(measure({ embedding: 'model', layer: 'layer4' }, inputs)).rejects.toThrowErrorMatchingInlineSnapshot(
    `[StudyError: Expected a layer of the model, one of "features"; found "layer4".]`,
  );
  await expect(measure({}, { images, model: inputs.model })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[StudyError: The metric "coherence" needs "concepts"; found "images", "model". Hand it over: in a study, connect it in the node's "in".]`,
  );
  const elsewhere = { ...inputs, concepts: [bankOf({ ids: ['elsewhere'], codes: [[1], [1]] })] };
  await expect(measure({}, elsewhere)).rejects.toThrowErrorMatchingInlineSnapshot(
    `[StudyError: The metric "coherence" needs the images that the concepts were found in; the split "toy" has no "elsewhere". Connect the same split to the extractor and to the metric.]`,
  );
  const nullConcepts = [bankOf({ ids, classIndex: 1 })];
  await expect(measure({}, { ...inputs, nullConcepts })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[StudyError: Concepts are compared class by class: expected class 0 among the nullConcepts, found the classes 1. Give both extractors the same "classes".]`,
  );
});
