import { codeSimilarity, matchConcepts } from '@espalier/concept-matching';
import { type ConceptBank, createFrom, type Model, ndArray, plainServices, randomStream } from '@espalier/core';
import { describeMetric, splitOf, toyModel, toyTokens } from '@espalier/core/testing';
import { ablation, lineage } from '@espalier/metrics-concepts';
import { describe, expect, test } from 'vitest';
import { randomBank, uniform } from './toy-banks.ts';

const services = plainServices();

describeMetric('ablation', async () => {
  const metric = await createFrom(ablation, {}, services);
  return {
    measure: (inputs) => metric.measure(inputs, { ...inputs, model: toyModel(9), concepts: inputs.otherConcepts! }),
  };
});

const images = splitOf(
  uniform(randomStream(2, 'followed'), 'n h w c', [5, 8, 8, 3]),
  [0, 0, 0, 0, 0],
  ['cats', 'b', 'c'],
);

const bankOf = (seed: number, of: Model, learnedFrom?: readonly number[]): ConceptBank =>
  randomBank(
    of,
    { classIndex: 0, ids: images.ids, ...(learnedFrom && { learnedFrom }), concepts: 3 },
    randomStream(seed, 'followed-bank'),
  );

const [even, odd] = [
  [0, 2, 4],
  [1, 3],
];
const value = (scores: readonly { metric: string; values: readonly number[] }[], metric: string) =>
  scores.find((one) => one.metric === metric)!.values[0]!;

describe('a second extraction', () => {
  const model = toyModel(1);
  const before = { images, concepts: [bankOf(1, model, even)], otherConcepts: [bankOf(2, model, odd)] };
  const after = { images, concepts: [bankOf(3, model, even)], otherConcepts: [bankOf(4, model, odd)] };
  const similarity = (a: readonly ConceptBank[], b: readonly ConceptBank[]) =>
    matchConcepts(codeSimilarity(a[0]!, b[0]!), 0.8).similarity;

  test('lineage is across halves, and so is what the baseline itself reaches', async () => {
    const metric = await createFrom(lineage, {}, services);
    const scores = await metric.measure(after, before);
    const own =
      (similarity(before.concepts, after.otherConcepts) + similarity(before.otherConcepts, after.concepts)) / 2;
    const again = similarity(before.concepts, before.otherConcepts);
    expect(value(scores, 'concept-lineage')).toBeCloseTo(own, 12);
    expect(value(scores, 'concept-lineage-minus-reextraction')).toBeCloseTo(own - again, 12);
    expect(scores.map(({ metric, isFairAtBaseline }) => [metric, isFairAtBaseline])).toEqual([
      ['concept-lineage', true],
      ['concept-lineage-minus-reextraction', undefined],
      ['concept-survival', true],
      ['concept-survival-minus-reextraction', undefined],
    ]);
  });

  test('the baseline itself has what a second extraction gives, and not 1', async () => {
    for (const metric of [await createFrom(lineage, {}, services), await createFrom(ablation, {}, services)]) {
      const inputs = { model, ...before };
      const [scores, minus] = await metric.measure(inputs, inputs);
      expect(scores!.values[0]).toBeLessThan(0.99);
      expect(minus!.values).toEqual([0]);
      const { otherConcepts: _, ...once } = inputs;
      const [alone, ...more] = await metric.measure(once, once);
      expect([alone!.values[0], alone!.isFairAtBaseline]).toEqual([expect.closeTo(1, 12), undefined]);
      expect(more.filter(({ metric }) => metric.includes('reextraction'))).toEqual([]);
    }
  });
});

describe('ablation', () => {
  /** The logit with and without each concept, value by value. */
  async function slowEffects(model: Model, bank: ConceptBank, leading: number): Promise<number[][]> {
    const all: number[][] = [];
    for (const n of bank.ids.keys()) {
      const activations = await model.activations(await images.images([n]), bank.layer);
      const logit = async (array: typeof activations) =>
        (await model.classify(array, bank.layer)).data[bank.classIndex]!;
      const features = bank.dictionary.shape[1]!;
      const isSigned = activations.data.subarray(leading * features).some((one) => one < 0);
      const effects: number[] = [];
      for (const r of [0, 1, 2]) {
        const without = activations.data.map((one, i) => {
          const [token, d] = [Math.floor(i / features), i % features];
          if (token < leading) return one;
          const rest =
            one - bank.maps.data[(n * 16 + token - leading) * 3 + r]! * bank.dictionary.data[r * features + d]!;
          return isSigned ? rest : Math.max(0, rest);
        });
        effects.push((await logit(activations)) - (await logit(ndArray(activations.axes, activations.shape, without))));
      }
      all.push(effects);
    }
    return all;
  }

  function slowCorrelation(x: readonly number[], y: readonly number[]): number {
    const mean = (of: readonly number[]) => of.reduce((sum, one) => sum + one, 0) / of.length;
    const [mx, my] = [mean(x), mean(y)];
    const product = mean(x.map((one, i) => (one - mx) * (y[i]! - my)));
    return product / Math.sqrt(mean(x.map((one) => (one - mx) ** 2)) * mean(y.map((one) => (one - my) ** 2)));
  }

  test.each([
    ['a layer behind a ReLU', toyModel, 0],
    ['signed tokens', toyTokens, 1],
  ] as const)('is the correlation of what removing matched concepts does, of %s', async (_, toy, leading) => {
    const [dense, pruned] = [toy(1), toy(2)];
    const [old, own] = [bankOf(5, dense, even), bankOf(6, pruned, even)];
    const metric = await createFrom(ablation, {}, services);
    const scores = await metric.measure(
      { model: pruned, images, concepts: [own] },
      { model: dense, images, concepts: [old] },
    );
    const [of, to] = [await slowEffects(dense, old, leading), await slowEffects(pruned, own, leading)];
    const { pairs } = matchConcepts(codeSimilarity(old, own), -1);
    expect(pairs.length).toBe(3);
    const over = (effects: number[][], side: 'from' | 'to') =>
      odd.flatMap((n) => pairs.map((pair) => effects[n]![pair[side]]!));
    // logits are float32
    expect(value(scores, 'concept-ablation')).toBeCloseTo(slowCorrelation(over(of, 'from'), over(to, 'to')), 4);
  });

  test('a concept that does the same by other numbers is the same; one without effect is like nothing', async () => {
    const model = toyModel(1);
    const bank = bankOf(5, model);
    const metric = await createFrom(ablation, {}, services);
    const measure = async (own: ConceptBank) =>
      value(
        await metric.measure({ model, images, concepts: [own] }, { model, images, concepts: [bank] }),
        'concept-ablation',
      );
    const order = [2, 0, 1];
    const turned = <Axes extends string>(array: ReturnType<typeof ndArray<Axes>>) =>
      ndArray(
        array.axes,
        array.shape,
        array.data.map((__, i) => array.data[i - (i % 3) + order[i % 3]!]!),
      );
    const { dictionary } = bank;
    const rows = order.flatMap((r) => [...dictionary.data.subarray(r * 5, r * 5 + 5)]);
    const renumbered = {
      ...bank,
      codes: turned(bank.codes),
      maps: turned(bank.maps),
      dictionary: ndArray('r d', [3, 5], Float32Array.from(rows)),
    };
    expect(await measure(renumbered)).toBeCloseTo(1, 5);
    expect(await measure({ ...bank, maps: ndArray('n h w r', bank.maps.shape) })).toBe(0);
  });

  test('refuses concepts of another model, and a node without a baseline', async () => {
    const metric = await createFrom(ablation, {}, services);
    const model = toyModel(1);
    const inputs = { model, images, concepts: [bankOf(5, model)] };
    await expect(metric.measure(inputs)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[StudyError: The metric "ablation" compares with the concepts at the node's baseline; found none. Give the node a "baseline", such as { "axis": "sparsity", "at": 0 }.]`,
    );
    await expect(
      metric.measure({ ...inputs, model: toyModel(0, { features: 3 }) }, inputs),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[StudyError: The metric "ablation" rebuilds activations of the model: the concepts of class 0 are of "features" with 4 x 4 places and 5 features, which this model does not have. Connect the model that the concepts were found in.]`,
    );
  });
});
