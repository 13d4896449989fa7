import { type BankForm, type ConceptBank, createFrom, ndArray, plainServices } from '@espalier/core';
import { describeMetric, splitOf, toyModel, toySplit } from '@espalier/core/testing';
import { completeness, distinctness, lineage, reconstruction, recovery, stability } from '@espalier/metrics-concepts';
import { describe, expect, test } from 'vitest';
import { bankOf } from './toy-banks.ts';

const services = plainServices();

describeMetric('distinctness', () => createFrom(distinctness, {}, services));
describeMetric('reconstruction', () => createFrom(reconstruction, {}, services));
describeMetric('completeness', () => createFrom(completeness, {}, services));
describeMetric('stability', () => createFrom(stability, {}, services));
describeMetric('lineage', async () => {
  const metric = await createFrom(lineage, {}, services);
  return { measure: (inputs) => metric.measure(inputs, { ...inputs, concepts: inputs.otherConcepts! }) };
});
describeMetric('recovery', () => createFrom(recovery, {}, services));

describe('distinctness', () => {
  const measure = async (bank: ConceptBank, nulls?: ConceptBank) =>
    (await createFrom(distinctness, {}, services)).measure({
      images: toySplit(),
      concepts: [bank],
      ...(nulls && { nullConcepts: [nulls] }),
    });
  const ids = ['a'];

  test('by hand: of directions and of codes, and against a null', async () => {
    // Cosines 0, 0.6 and 0.8; correlations of the codes 1, -1 and -1.
    const dictionary = [[2, 0], [0, 1], [3, 4]]; // biome-ignore format: rows are concepts
    const codes = [[1, 2, 3], [2, 4, 2], [3, 6, 1]]; // biome-ignore format: rows are crops
    const alike = bankOf({ ids, dictionary: [[1, 1], [1, 1], [2, 2]], codes }); // biome-ignore format: rows
    const scores = await measure(bankOf({ ids, dictionary, codes }), alike);
    expect(scores.map(({ metric }) => metric)).toEqual([
      'concept-distinctness',
      'concept-distinctness-minus-null',
      'concept-code-distinctness',
      'concept-code-distinctness-minus-null',
    ]);
    const expected = [1 - 1.4 / 3, 1 - 1.4 / 3, 0, 0];
    for (const [i, { values }] of scores.entries()) expect(values[0]).toBeCloseTo(expected[i]!, 6); // float32 arrays
    expect((await measure(alike)).map(({ metric }) => metric)).toEqual([
      'concept-distinctness',
      'concept-code-distinctness',
    ]);
  });

  test('takes the mean over the draws of a null', async () => {
    const apart = bankOf({ ids, dictionary: [[1, 0], [0, 1]], codes: [[1, 0], [0, 1], [1, 1]] }); // biome-ignore format: rows
    const alike = bankOf({ ids, dictionary: [[1, 1], [1, 1]], codes: [[1, 1], [2, 2], [3, 3]] }); // biome-ignore format: rows
    const metric = await createFrom(distinctness, {}, services);
    const inputs = { images: toySplit(), concepts: [apart], nullConcepts: [alike, apart, alike] };
    // The draws have 0, 1 and 0.
    const [value, minusNull] = await metric.measure(inputs);
    expect([value!.values[0], minusNull!.values[0]]).toEqual([1, expect.closeTo(2 / 3, 6)]);
  });

  test('needs a pair', async () => {
    const metric = await createFrom(distinctness, {}, services);
    for (const empty of await metric.measure({ images: toySplit(), concepts: [bankOf({ ids })] })) {
      const omitted = [{ reason: 'fewer than two concepts, so no pair', ids: ['class 0'] }];
      expect(empty).toMatchObject({ ids: [], values: [], omitted });
    }
  });
});

describe('reconstruction and completeness', () => {
  const model = toyModel(4);
  const images = toySplit(4);

  /** Banks whose concepts are the features themselves, kept (1) or dropped (0): maps x dictionary is known. */
  async function featureBanks(kept: readonly number[]): Promise<ConceptBank[]> {
    return Promise.all(
      [0, 1, 2].map(async (classIndex) => {
        const indices = images.labels.flatMap((label, i) => (label === classIndex ? [i] : []));
        const { data } = await model.activations(await images.images(indices), 'features');
        const maps = ndArray(
          'n h w r',
          [indices.length, 4, 4, 5],
          data.map((value, i) => value * kept[i % 5]!),
        );
        const ids = indices.map((index) => images.ids[index]!);
        const identity = Array.from({ length: 5 }, (_, r) => Array.from({ length: 5 }, (__, d) => Number(r === d)));
        return { ...bankOf({ ids, classIndex, dictionary: identity }), maps };
      }),
    );
  }

  const measure = async (plugin: typeof reconstruction | typeof completeness, kept: readonly number[], nulls = kept) =>
    (await createFrom(plugin, {}, services)).measure({
      ...{ model, images, concepts: await featureBanks(kept), nullConcepts: await featureBanks(nulls) },
    });
  const all = [1, 1, 1, 1, 1];
  const none = [0, 0, 0, 0, 0];
  const two = [1, 0, 0, 1, 0];

  test('rebuild everything, nothing, or the features kept', async () => {
    const values = async (kept: readonly number[]) => (await measure(reconstruction, kept)).map((one) => one.values);
    const [error, , r2] = await values(all);
    expect([error, r2]).toEqual([Array(4).fill(0), Array(4).fill(1)]);
    expect((await values(none))[0]).toEqual([1, 1, 1, 1]);
    const { data } = await model.activations(await images.images([0, 1, 2, 3]), 'features');
    const [halfError, , halfR2] = await values(two);
    for (let n = 0; n < 4; n++) {
      const own = [...data.subarray(n * 80, (n + 1) * 80)];
      const mean = own.reduce((sum, value) => sum + value, 0) / 80;
      const missed = own.reduce((sum, value, i) => sum + (two[i % 5] ? 0 : value ** 2), 0);
      const size = own.reduce((sum, value) => sum + value ** 2, 0);
      const varied = own.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      expect(halfError![n]).toBeCloseTo(Math.sqrt(missed / size), 10);
      expect(halfR2![n]).toBeCloseTo(1 - missed / varied, 10);
    }
  });

  test('add the offset of a bank, and refuse one that rebuilds nothing', async () => {
    const offset = ndArray('d', [5], Float32Array.of(0.5, -1, 2, 0.25, 1));
    const about = (await featureBanks(all)).map((bank) => ({
      ...{ ...bank, offset, form: { codes: 'signed' } as const },
      maps: { ...bank.maps, data: bank.maps.data.map((value, i) => value - offset.data[i % 5]!) },
    }));
    const asked = async (plugin: typeof reconstruction, concepts: readonly ConceptBank[]) =>
      (await createFrom(plugin, {}, services)).measure({ model, images, concepts });
    for (const value of (await asked(reconstruction, about))[0]!.values) expect(value).toBeCloseTo(0, 6); // float32
    for (const value of (await asked(completeness, about))[2]!.values) expect(value).toBeCloseTo(0, 6);
    const apart = about.map((bank) => ({ ...bank, form: { rebuilds: false } }));
    for (const plugin of [reconstruction, completeness])
      await expect(asked(plugin, apart)).rejects.toThrow('needs concepts that rebuild the activations');
  });

  test('give every image in the order of the split, and the difference from a null', async () => {
    const scores = await measure(reconstruction, all, none);
    expect(scores.map(({ metric, direction }) => [metric, direction])).toEqual([
      ['concept-reconstruction-error', 'lower-is-better'],
      ['concept-reconstruction-error-minus-null', 'lower-is-better'],
      ['concept-reconstruction-r2', 'higher-is-better'],
      ['concept-reconstruction-r2-minus-null', 'higher-is-better'],
    ]);
    for (const { ids } of scores) expect(ids).toEqual(images.ids);
    const nullConcepts = [...(await featureBanks(none)), ...(await featureBanks(all))];
    const [, minusNull] = await (await createFrom(reconstruction, {}, services)).measure({
      ...{ model, images, concepts: await featureBanks(all), nullConcepts },
    });
    expect(minusNull!.values).toEqual([-0.5, -0.5, -0.5, -0.5]); // errors of the draws: 1 and 0
    expect(scores[1]!.values).toEqual([-1, -1, -1, -1]);
  });

  test('say which images have no concepts', async () => {
    const banks = await featureBanks(all);
    const [scores] = await (await createFrom(reconstruction, {}, services)).measure({
      ...{ model, images, concepts: banks.slice(1) },
    });
    expect(scores!.ids).toEqual(['toy/1', 'toy/2']);
    expect(scores!.omitted).toEqual([{ reason: 'concepts were not found in these images', ids: ['toy/0', 'toy/3'] }]);
  });

  test('complete concepts leave the answer as it is', async () => {
    const scores = await measure(completeness, all, none);
    const logits = await model.predict(await images.images([0, 1, 2, 3]));
    const hits = images.labels.map((label, n) => {
      const own = [...logits.data.subarray(3 * n, 3 * n + 3)];
      return Number(own.indexOf(Math.max(...own)) === label);
    });
    const value = (metric: string) => scores.find((one) => one.metric === metric)!.values;
    expect(value('concept-completeness-accuracy')).toEqual(hits);
    expect(value('concept-completeness-agreement')).toEqual([1, 1, 1, 1]);
    expect(value('concept-completeness-added-loss')).toEqual([0, 0, 0, 0]);
    // Without any concept the toy's logits are all 0: class 0, and a loss of ln 3.
    const byNull = (metric: string) => value(metric).map((one, n) => one - value(`${metric}-minus-null`)[n]!);
    expect(byNull('concept-completeness-accuracy')).toEqual(images.labels.map((label) => Number(label === 0)));
    const loss = (n: number) => {
      const own = [...logits.data.subarray(3 * n, 3 * n + 3)];
      return Math.log(own.reduce((sum, one) => sum + Math.exp(one), 0)) - own[images.labels[n]!]!;
    };
    byNull('concept-completeness-added-loss').forEach((added, n) => {
      expect(added).toBeCloseTo(Math.log(3) - loss(n), 6);
    });
  });

  test('refuse concepts of another model, an image in two banks, and a null of other images', async () => {
    const banks = await featureBanks(all);
    const run = async (inputs: object) =>
      (await createFrom(reconstruction, {}, services)).measure({ model, images, concepts: banks, ...inputs });
    const small = toyModel(0, { features: 3 });
    await expect(run({ model: small })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[StudyError: The metric "reconstruction" rebuilds activations of the model: the concepts of class 0 are of "features" with 4 x 4 places and 5 features, which this model does not have. Connect the model that the concepts were found in.]`,
    );
    await expect(run({ concepts: [...banks, banks[1]!] })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[StudyError: The metric "reconstruction" gives every image one value: "toy/1" is in the concepts of two classes. Connect one bank per class.]`,
    );
    const fewer = banks.map((bank) => ({ ...bank, ids: bank.ids.map((id) => `${id}?`) }));
    await expect(run({ nullConcepts: fewer })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[StudyError: The metric "reconstruction" compares concepts with a null on the same images: the nullConcepts of class 0 have no "toy/0". Give both extractors the same images and "imagesPerClass".]`,
    );
  });
});

describe('stability and lineage', () => {
  const ids = ['a', 'b'];
  const images = toySplit();
  // Codes of four crops: three concepts; then the same ones in another order, the last one changed to its opposite.
  const before = bankOf({ ids, codes: [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1]] }); // biome-ignore format: rows
  const after = bankOf({ ids, codes: [[0, 1, 1], [1, 0, 1], [0, 0, 0], [0, 1, 0]] }); // biome-ignore format: rows
  const flat = bankOf({ ids, codes: [[1], [1], [1], [1]] });

  test('stability is the mean correlation of matched concepts, whatever their numbers', async () => {
    const metric = await createFrom(stability, {}, services);
    const [same] = await metric.measure({ images, concepts: [before], otherConcepts: [before] });
    expect(same!.values[0]).toBeCloseTo(1, 12);
    const scores = await metric.measure({
      ...{ images, concepts: [before], otherConcepts: [after], nullConcepts: [flat] },
    });
    // Matched: 0 with 1 and 1 with 0, exactly; 2 with 2, where codes are opposite: -1.
    expect(scores[0]!.values[0]).toBeCloseTo((1 + 1 - 1) / 3, 12);
    expect(scores[1]!.metric).toBe('concept-stability-minus-null');
    expect(scores[1]!.values[0]).toBeCloseTo(1 / 3, 12);
  });

  test('lineage follows concepts from the baseline', async () => {
    const metric = await createFrom(lineage, { threshold: 0.6 }, services);
    const scores = await metric.measure({ images, concepts: [after] }, { images, concepts: [before] });
    expect(scores.map(({ metric }) => metric)).toEqual(['concept-lineage', 'concept-survival']);
    expect(scores[0]!.values[0]).toBeCloseTo(1 / 3, 12);
    expect(scores[1]!.values[0]).toBeCloseTo(2 / 3, 12);
    await expect(metric.measure({ images, concepts: [after] })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[StudyError: The metric "lineage" compares with the concepts at the node's baseline; found none. Give the node a "baseline", such as { "axis": "sparsity", "at": 0 }.]`,
    );
  });
});

describe('recovery', () => {
  // Four images of 4 x 4 pixels: "left" covers the left half of each, "corner" one pixel of the first two.
  const left = Uint8Array.from({ length: 16 }, (_, i) => Number(i % 4 < 2));
  const corner = Uint8Array.from({ length: 16 }, (_, i) => Number(i === 0));
  const regions = (index: number) => [
    { name: 'left', mask: left },
    { name: 'corner', mask: index < 2 ? corner : new Uint8Array(16) },
  ];
  const plain = splitOf(ndArray('n h w c', [4, 4, 4, 3]), [0, 0, 0, 0], ['things']);
  const images = { ...plain, truth: async (index: number) => regions(index) };
  const onLeft = Array.from({ length: 16 }, (_, i) => [i % 4 < 2 ? 2 : 0, 1]).flat();
  const nowhere = Array.from({ length: 16 }, () => [1, 1]).flat();
  const bank = (maps: readonly (readonly number[])[], given = plain.ids) =>
    bankOf({ ids: given, codes: [[1, 1]], maps, places: [4, 4] });
  const measure = async (inputs: object, options = {}) =>
    (await createFrom(recovery, options, services)).measure({ images, ...inputs });

  test('by hand: a concept that is there, one that is not, and a null', async () => {
    const concepts = [bank([onLeft, onLeft, onLeft, onLeft])];
    const nullConcepts = [bank([nowhere, nowhere, nowhere, nowhere])];
    const scores = await measure({ concepts, nullConcepts });
    expect(scores.map(({ metric }) => metric)).toEqual([
      'concept-recovery-auc',
      'concept-recovery-auc-minus-null',
      'concept-recovery-specific-auc',
      'concept-recovery-specific-auc-minus-null',
      'concept-recovery-iou',
      'concept-recovery-iou-minus-null',
      'concept-recovered',
      'concept-recovered-minus-null',
    ]);
    expect(scores[0]).toMatchObject({ sample: 'concept', ids: ['things: left', 'things: corner'] });
    // The corner is in the left half: above the 8 pixels at the right, tied with 7 of the 15 others.
    expect(scores[0]!.values[0]).toBe(1);
    expect(scores[0]!.values[1]).toBeCloseTo((8 + 7 / 2) / 15, 12);
    expect(scores[1]!.values[0]).toBe(0.5);
    const draws = await measure({ concepts, nullConcepts: [...nullConcepts, ...concepts] });
    expect(draws[1]!.values[0]).toBe(0.25);
    // Against what else is planted: all of "left" but the corner has the corner's value. Left has nothing else to it.
    expect(scores[2]!.values).toEqual([1, 0.5]);
    expect(scores[4]!.values).toEqual([1, 1]); // ties of the corner go to the lower index
    expect(scores[6]!.values).toEqual([1, 0]);
    expect((await measure({ concepts }, { recoveredAt: 0.51 }))[3]!.values).toEqual([1, 0]);
  });

  test('turns concepts round whose sign is a convention', async () => {
    const against = onLeft.map((value) => -value);
    const signed = (form: Partial<BankForm>) => ({ ...bank([against, against, against, against]), form });
    const area = async (form: Partial<BankForm>) => (await measure({ concepts: [signed(form)] }))[0]!.values[0];
    expect(await area({ codes: 'signed' })).toBe(1);
    expect(await area({ codes: 'signed', isNamed: true })).toBe(0.5); // by the other concept, the same everywhere
  });

  test('counts images that show nothing of a region for nothing, and needs two that do', async () => {
    const concepts = [bank([onLeft, onLeft], plain.ids.slice(1, 3))];
    const [scores] = await measure({ concepts });
    const reason = 'fewer than two images show it, of which one chooses and one measures';
    expect(scores).toMatchObject({ ids: ['things: left'], omitted: [{ reason, ids: ['things: corner'] }] });
  });

  test('needs ground truth', async () => {
    const concepts = [bank([onLeft, onLeft, onLeft, onLeft])];
    await expect(measure({ concepts, images: plain })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[StudyError: Recovery holds concepts against the regions that the data names: expected regions in the split "toy", found a split without ground truth. Use it with data that has them, such as data-planted.]`,
    );
    const empty = { ...plain, truth: async () => [] };
    for (const scores of await measure({ concepts, images: empty }))
      expect(scores).toMatchObject({ ids: [], omitted: [{ reason: 'the images show no region', ids: ['things'] }] });
  });
});
