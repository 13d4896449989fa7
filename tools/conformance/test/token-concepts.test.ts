import { craft, randomDictionary } from '@espalier/concepts-craft';
import { type ConceptBank, createFrom, type Model, ndArray, plainServices, randomStream } from '@espalier/core';
import { splitOf } from '@espalier/core/testing';
import { completeness, reconstruction } from '@espalier/metrics-concepts';
import { vitMini8 } from '@espalier/model-vit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const services = plainServices({ compute: { engine: 'wasm', inference: 'exact', training: 'exact' }, seed: 1 });
const stream = randomStream(3, 'token-concepts');
const pictures = ndArray(
  'n h w c',
  [3, 24, 24, 3],
  Float32Array.from({ length: 3 * 24 * 24 * 3 }, () => stream.uniform()),
);
const images = splitOf(pictures, [1, 1, 1], ['a', 'b', 'c']);
const given = { ids: images.ids, images: pictures, classIndex: 1 };
let model: Model;

beforeAll(async () => {
  const input = { height: 24, width: 24, channels: 3, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };
  const factory = await createFrom(vitMini8, {}, services);
  using fresh = await factory.create({ input, classes: images.classes }, 1);
  const weights = new Map(await fresh.weights());
  const head = weights.get('heads.head.weight')!; // starts at 0, of which no answer depends
  weights.set('heads.head.weight', { ...head, data: head.data.map(() => stream.normal()) });
  model = await fresh.withWeights(weights);
});
afterAll(() => model[Symbol.dispose]());

const banks = new Map<string, Promise<ConceptBank>>();
const bankAt = (layer: string): Promise<ConceptBank> => {
  const options = { layer, concepts: 3, patch: 0.5, restarts: 0, points: 16, maxPoints: 16, replicates: 2 };
  const bank = banks.get(layer) ?? createFrom(craft, options, services).then((found) => found.extract(model, given));
  banks.set(layer, bank);
  return bank;
};

// The patches of an image are a map, then a row of tokens, then tokens behind the class token: the same numbers at the same places.
describe.each(['patches', 'tokens'])('concepts of the row of tokens "%s"', (layer) => {
  test('are those of the map that the tokens were cut from', async () => {
    const [onMap, onTokens] = [await bankAt('conv_proj'), await bankAt(layer)];
    expect(onMap.maps.shape).toEqual([3, 3, 3, 3]);
    expect(Math.min(...onMap.dictionary.data)).toBeLessThan(0);
    const { importance, importanceError: __, ...rest } = onTokens;
    const { importance: expected, importanceError: _, ...same } = onMap;
    expect(rest).toEqual({ ...same, layer });
    importance.data.forEach((value, i) => {
      expect(value).toBeCloseTo(expected.data[i]!, 4); // another order of float32 sums
    });
  });

  test('are measured as those of the map are', async () => {
    const metrics = [await createFrom(reconstruction, {}, services), await createFrom(completeness, {}, services)];
    for (const metric of metrics) {
      const scoresAt = async (at: string) => {
        const scores = await metric.measure({ model, images, concepts: [await bankAt(at)] });
        return scores.map(({ values }) => values.map((value) => value.toFixed(4)));
      };
      expect(await scoresAt(layer)).toEqual(await scoresAt('conv_proj'));
    }
  });
});

test('by default concepts are of the last block whose grid is read, and those of the last one are refused', async () => {
  const extract = async (options: object) =>
    (await createFrom(craft, { concepts: 2, patch: 0.5, importance: 'none', ...options }, services)).extract(
      model,
      given,
    );
  expect((await extract({})).layer).toBe('encoder.layers.encoder_layer_0');
  const last = { layer: 'encoder.layers.encoder_layer_1' };
  const told =
    'After the layer "encoder.layers.encoder_layer_1" the network reads nothing but the tokens that lie nowhere';
  await expect(extract(last)).rejects.toThrow(told);
  await expect(
    (await createFrom(randomDictionary, { ...last, concepts: 2 }, services)).extract(model, given),
  ).rejects.toThrow(told);
});
