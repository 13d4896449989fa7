import { type BankForm, createFrom, ndArray, plainServices, randomStream } from '@espalier/core';
import { describeMetric, splitOf, toyModel } from '@espalier/core/testing';
import { coherence, pixelEmbeddings } from '@espalier/metrics-concepts';
import { describe, expect, test } from 'vitest';
import { bankOf } from './toy-banks.ts';

const create = (options: object = {}, changes = {}) => createFrom(coherence, options, plainServices(changes));

describeMetric('coherence', () => create());

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
  const inputs = { images, concepts: [bankOf({ ids, codes })] };
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

test('of signed codes is that along the direction and that against it; of named concepts, that along it alone', async () => {
  const metric = await create();
  const value = async (form: Partial<BankForm>, codes: readonly (readonly number[])[]) =>
    (await metric.measure({ images, concepts: [{ ...bankOf({ ids, codes }), form }] }))[0]!.values[0];
  // Along: two red images, which are alike. Against: a red and a blue one would be another concept.
  expect(await value({ codes: 'signed' }, [[1], [1], [-1], [-1]])).toBeCloseTo(1, 12);
  expect(await value({ codes: 'signed' }, [[1], [-1], [1], [-1]])).toBeCloseTo(0, 12);
  const mixed = [[2, -1], [1, -1], [-1, -1], [0, -1]]; // biome-ignore format: rows are crops
  expect(await value({ codes: 'signed' }, mixed)).toBeCloseTo((1 + 1 / 3) / 2, 12); // the second is nowhere along its direction
  expect(await value({ codes: 'signed', isNamed: true }, mixed)).toBeCloseTo(1, 12);
});

test('leaves out a concept without a pair, and a class without such a concept, and says so', async () => {
  const lines: string[] = [];
  const metric = await create({}, { log: (line: string) => lines.push(line) });
  const one = bankOf({ ids, codes: [[1, 1], [1, 0], [0, 0], [0, 0]] }); // biome-ignore format: rows are crops
  const none = bankOf({ ids, codes: [[1], [0], [0], [0]], classIndex: 1 });
  const [scores] = await metric.measure({ images, concepts: [one, none] });
  expect(scores!.ids).toEqual(['things']);
  expect(scores!.values[0]).toBeCloseTo(1, 12);
  expect(lines).toEqual(['coherence: no concept of others is in two crops; the class is left out.']);
  const omitted = [{ reason: 'no concept is in two crops or more', ids: ['others'] }];
  expect(scores!.omitted).toEqual(omitted);
  for (const empty of await metric.measure({ images, concepts: [none] }))
    expect(empty).toMatchObject({ ids: [], values: [], omitted });
});

describe('an embedder', () => {
  const stream = randomStream(2, 'coherence');
  const pictures = ndArray(
    'n h w c',
    [4, 8, 8, 3],
    Float32Array.from({ length: 768 }, () => stream.uniform()),
  );
  const noise = splitOf(pictures, [0, 0, 0, 0], ['things']);
  const weights = [1, 2, 0.5, 1];
  const concepts = [bankOf({ ids, codes: weights.map((weight) => [weight]), crops: [0, 1, 2, 3].map(whole) })];
  const inputs = { images: noise, concepts };

  /** A crop that is its image. */
  function whole(image: number) {
    return { image, top: 0, left: 0, size: 8 };
  }

  test('is asked besides the pixels, and no model that is measured is', async () => {
    const alone = await (await create()).measure({ ...inputs, model: toyModel(1) } as never);
    const both = await (await create()).measure({ ...inputs, embedder: toyModel(7), nullConcepts: concepts });
    expect(both.map(({ metric, role }) => [metric, role])).toEqual([
      ['concept-coherence', 'primary'],
      ['concept-coherence-minus-permuted', 'companion'],
      ['concept-coherence-minus-null', 'companion'],
      ['concept-coherence-embedded', 'primary'],
      ['concept-coherence-embedded-minus-permuted', 'companion'],
      ['concept-coherence-embedded-minus-null', 'companion'],
    ]);
    expect(alone.map(({ values }) => values)).toEqual([both[0]!.values, both[1]!.values]);
    expect(both[0]!.settings).toEqual({ embedding: 'pixels' });
    expect(both[3]!.settings).toEqual({ embedding: 'embedder', layer: 'features' });
  });

  test('compares by the cosine of mean activations, pair by pair', async () => {
    const [, , scores] = await (await create({ layer: 'features' })).measure({ ...inputs, embedder: toyModel(7) });
    const { data } = await toyModel(7).activations(pictures, 'features');
    const means = [0, 1, 2, 3].map((n) =>
      [0, 1, 2, 3, 4].map((d) =>
        Array.from({ length: 16 }, (_, i) => data[n * 80 + i * 5 + d]!).reduce((a, b) => a + b),
      ),
    );
    const dot = (a: number[], b: number[]) => a.reduce((sum, value, d) => sum + value * b[d]!, 0);
    let [sum, all] = [0, 0];
    for (const i of weights.keys())
      for (const j of weights.keys()) {
        if (i === j) continue;
        const [a, b] = [means[i]!, means[j]!];
        sum += (weights[i]! * weights[j]! * dot(a, b)) / Math.sqrt(dot(a, a) * dot(b, b));
        all += weights[i]! * weights[j]!;
      }
    expect(scores!.metric).toBe('concept-coherence-embedded');
    expect(scores!.values[0]).toBeCloseTo(sum / all, 6); // activations are float32
  });

  test('is refused where it takes images of another size, has not the layer, or is not there', async () => {
    const measure = async (options: object, given: object) => (await create(options)).measure({ ...inputs, ...given });
    const { input, ...model } = toyModel();
    const large = { ...model, input: { ...input, height: 32, width: 16 } };
    await expect(measure({}, { embedder: large })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[StudyError: The embedder sees crops at the size of the images: expected a model of 8 x 8 pixels on the input "embedder", found one of 32 x 16. Connect a model of that size.]`,
    );
    await expect(measure({ layer: 'layer4' }, { embedder: toyModel() })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[StudyError: Expected a layer of the model, one of "features"; found "layer4".]`,
    );
    await expect(measure({ layer: 'layer4' }, {})).rejects.toThrowErrorMatchingInlineSnapshot(
      `[StudyError: The option "layer" of the metric "coherence" is one of the embedder's: expected a model on the input "embedder", found none with the layer "layer4". Connect one, or leave "layer" out.]`,
    );
  });
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
  const inputs = { images, concepts: [bankOf({ ids, codes: [[1], [1], [1], [1]] })] };
  const measure = async (options: object, given: object) => (await create(options)).measure(given);
  await expect(measure({}, { images })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[StudyError: The metric "coherence" needs "concepts"; found "images". Hand it over: in a study, connect it in the node's "in".]`,
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
