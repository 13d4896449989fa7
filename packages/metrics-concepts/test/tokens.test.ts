import { type ConceptBank, createFrom, type Model, ndArray, plainServices } from '@espalier/core';
import { toyModel, toySplit, toyTokens } from '@espalier/core/testing';
import { coherence, completeness, reconstruction } from '@espalier/metrics-concepts';
import { describe, expect, test } from 'vitest';
import { bankOf } from './toy-banks.ts';

// Signed tokens: a class token, then a grid of 4 x 4 places of five features.
const model = toyTokens(4);
const images = toySplit(4);
const tokens = async () => (await model.activations(await images.images([0, 1, 2, 3]), 'tokens')).data;

/** Up and down along every feature are concepts: features kept (1) are rebuilt, dropped ones (0) are not. */
async function axisBanks(kept: readonly number[]): Promise<ConceptBank[]> {
  const all = await tokens();
  const axis = (r: number) => Array.from({ length: 5 }, (_, d) => (d === r % 5 ? (r < 5 ? 1 : -1) : 0));
  const dictionary = Array.from({ length: 10 }, (_, r) => axis(r));
  return [0, 1, 2].map((classIndex) => {
    const indices = images.labels.flatMap((label, n) => (label === classIndex ? [n] : []));
    const maps = indices.map((n) =>
      Array.from({ length: 160 }, (_, i) => {
        const [place, r] = [Math.floor(i / 10), i % 10];
        const value = all[(n * 17 + 1 + place) * 5 + (r % 5)]!;
        return kept[r % 5]! * Math.max(0, r < 5 ? value : -value);
      }),
    );
    const ids = indices.map((n) => images.ids[n]!);
    return { ...bankOf({ ids, classIndex, dictionary, maps, places: [4, 4] }), layer: 'tokens' };
  });
}

describe('concepts of signed tokens', () => {
  const [all, two] = [[1, 1, 1, 1, 1], [1, 0, 0, 1, 0]]; // biome-ignore format: which features are kept

  test('are held against the tokens of the grid, below zero too', async () => {
    const measure = async (kept: readonly number[]) =>
      (await createFrom(reconstruction, {}, plainServices())).measure({
        model,
        images,
        concepts: await axisBanks(kept),
      });
    expect((await measure(all!)).map(({ values }) => values)).toEqual([Array(4).fill(0), Array(4).fill(1)]);
    const [error] = await measure(two!);
    const data = await tokens();
    for (let n = 0; n < 4; n++) {
      const grid = [...data.subarray((n * 17 + 1) * 5, (n + 1) * 17 * 5)];
      const missed = grid.reduce((sum, value, i) => sum + (two![i % 5] ? 0 : value ** 2), 0);
      const size = grid.reduce((sum, value) => sum + value ** 2, 0);
      expect(error!.values[n]).toBeCloseTo(Math.sqrt(missed / size), 10);
    }
  });

  test('reach the rest of the network beside the class token as it is', async () => {
    const addedLoss = async (kept: readonly number[]) => {
      const metric = await createFrom(completeness, {}, plainServices());
      const scores = await metric.measure({ model, images, concepts: await axisBanks(kept) });
      return scores.find(({ metric }) => metric === 'concept-completeness-added-loss')!.values;
    };
    expect(await addedLoss(all!)).toEqual([0, 0, 0, 0]);
    const data = await tokens();
    const left = data.map((value, i) => (Math.floor(i / 5) % 17 === 0 || two![i % 5] ? value : 0));
    const loss = async (values: Float32Array, n: number) => {
      const { data: logits } = await model.classify(ndArray('n h w d', [4, 1, 17, 5], values), 'tokens');
      const own = [...logits.subarray(3 * n, 3 * n + 3)];
      return Math.log(own.reduce((sum, one) => sum + Math.exp(one), 0)) - own[images.labels[n]!]!;
    };
    for (const [n, added] of (await addedLoss(two!)).entries()) {
      expect(added).toBeCloseTo((await loss(left, n)) - (await loss(data, n)), 6);
    }
  });

  test('have crops that are compared by the tokens of the grid, as on a map', async () => {
    const map: Model = toyModel(4);
    const shifted: Model = {
      ...map,
      activations: async (batch, layer) => {
        const found = await map.activations(batch, layer);
        return { ...found, data: found.data.map((value) => value - 0.25) };
      },
    };
    const crops = [0, 1, 2, 3].map((n) => ({ image: n % 2, top: n, left: 0, size: 4 }));
    const codes = [[1], [1], [0], [1]];
    const concepts = [bankOf({ ids: [images.ids[0]!, images.ids[3]!], crops, codes })];
    const measure = async (of: Model) =>
      (await createFrom(coherence, {}, plainServices())).measure({ embedder: of, images, concepts });
    const [onGrid, onMap] = [await measure(model), await measure(shifted)];
    expect(onGrid.map(({ values }) => values)).toEqual(onMap.map(({ values }) => values));
  });
});
