import {
  type ConceptBank,
  type ConceptExtractor,
  type ConceptImages,
  type LayerInfo,
  type Model,
  ndArray,
  placesOfLayer,
} from '@espalier/core';
import { type ConceptsFor, conceptLaws, toyModel, toyTokens } from '@espalier/core/testing';
import { expect, test } from 'vitest';

let calls = 0;

// Each law must catch the mistake it exists for.
const broken: Record<keyof typeof conceptLaws, ConceptsFor> = {
  'names the class, the images and a layer of the model': () => changed(() => ({ ids: ['a', 'b', 'c'] })),
  'gives arrays whose sizes agree': () => changed(({ crops }) => ({ crops: crops.slice(1) })),
  'gives finite directions, and codes and maps that are negative only where its banks say so': () =>
    changed(({ codes }) => ({ codes: { ...codes, data: codes.data.map((value, i) => (i === 3 ? -value : value)) } })),
  'takes its crops from inside the images': () =>
    changed(({ crops }) => ({ crops: crops.map((crop) => ({ ...crop, top: crop.top + 1 })) })),
  'states a relative error, and its maps rebuild the activations, where its banks rebuild': () =>
    changed(({ maps }) => ({ maps: { ...maps, data: maps.data.map((value) => 3 * value) } })),
  'keeps importance between 0 and 1, with an error of at least 0': () =>
    changed(({ importance }) => ({ importance: { ...importance, data: importance.data.map((value) => 100 * value) } })),
  'calls nothing important to a class that nothing changes': () =>
    changed(({ importance }) => ({ importance: { ...importance, data: importance.data.map((value) => value / 0) } })),
  'finds the same concepts every time': () =>
    changed(({ reconstructionError }) => ({ reconstructionError: reconstructionError! + 1e-3 * calls++ })),
  'leaves the images and the model as they were': () => ({
    async extract(model, images) {
      images.images.data[0]! += 1;
      return axisConcepts(model, images);
    },
  }),
};

test.each(Object.entries(broken))('"%s" catches an extractor that breaks it', async (law, conceptsFor) => {
  await expect(conceptLaws[law]!(conceptsFor)).rejects.toThrow();
});

test.each([toyModel, toyTokens])('an extractor that breaks nothing passes every law: %o', async (toy) => {
  for (const check of Object.values(conceptLaws)) await check(() => ({ extract: axisConcepts }), toy);
});

test.each([toyModel, toyTokens])(
  'nor does one of signed codes about an offset, or one of directions that rebuild nothing: %o',
  async (toy) => {
    const rebuilding = changed(signedConcepts);
    const classifying = changed((bank) => ({
      ...signedConcepts(bank),
      form: { codes: 'signed', rebuilds: false, isNamed: true },
      names: Array.from({ length: bank.dictionary.shape[0]! }, (_, r) => `name ${r}`),
      reconstructionError: null,
    }));
    for (const check of Object.values(conceptLaws)) {
      await check(() => rebuilding, toy);
      await check(() => classifying, toy);
    }
    await expect(
      conceptLaws['states a relative error, and its maps rebuild the activations, where its banks rebuild']!(() =>
        changed((bank) => ({ ...signedConcepts(bank), offset: ndArray('d', [bank.dictionary.shape[1]!]) })),
      ),
    ).rejects.toThrow();
  },
);

test('every law has its broken extractor', () => {
  expect(Object.keys(broken)).toEqual(Object.keys(conceptLaws));
});

/** The same activations about an offset far from them: what is below it is against a direction. */
function signedConcepts({ maps, dictionary }: ConceptBank): Partial<ConceptBank> {
  const [r, features] = dictionary.shape as [number, number]; // 'r d' has two sizes
  const offset = ndArray('d', [features], new Float32Array(features).fill(2));
  const data = maps.data.map((value, i) => (i % r < features ? value - 2 : value)); // directions up come first
  return { form: { codes: 'signed' }, offset, maps: { ...maps, data } };
}

function changed(change: (bank: ConceptBank) => Partial<ConceptBank>): ConceptExtractor {
  return {
    async extract(model, images) {
      const bank = await axisConcepts(model, images);
      return { ...bank, ...change(bank) };
    },
  };
}

/** Up and down along every feature are concepts, every image is its only crop; important is what changes the logit when it is left out. */
async function axisConcepts(model: Model, { ids, images, classIndex }: ConceptImages): Promise<ConceptBank> {
  const [info] = model.layers as [LayerInfo];
  const { name: layer, features } = info;
  const { height, width, leading } = placesOfLayer(info);
  const activations = await model.activations(images, layer);
  const [rank, size] = [2 * features, activations.data.length / ids.length];
  const isOf = (r: number, i: number, value: number) =>
    i % size >= leading * features && i % features === r % features && (r < features ? value > 0 : value < 0);
  const whole = await model.classify(activations, layer);
  const importance = ndArray('n r', [ids.length, rank]);
  const maps = ndArray('n h w r', [ids.length, height, width, rank]);
  for (let r = 0; r < rank; r++) {
    const without = activations.data.map((value, i) => (isOf(r, i, value) ? 0 : value));
    const logits = await model.classify({ ...activations, data: without }, layer);
    for (const n of ids.keys()) {
      const at = n * model.classes.length + classIndex;
      importance.data[n * rank + r] = Number(Math.abs(whole.data[at]! - logits.data[at]!) > 0);
      const strengths = activations.data.map((value, i) => (isOf(r, i, value) ? Math.abs(value) : 0));
      for (let place = 0; place < height * width; place++) {
        const strength = strengths[n * size + (leading + place) * features + (r % features)]!;
        maps.data[(n * height * width + place) * rank + r] = strength;
      }
    }
  }
  const direction = (i: number) => {
    const [r, d] = [Math.floor(i / features), i % features];
    return d === r % features ? (r < features ? 1 : -1) : 0;
  };
  return {
    ...{ classIndex, layer, ids },
    crops: ids.map((_, image) => ({ image, top: 0, left: 0, size: 8 })),
    dictionary: ndArray(
      'r d',
      [rank, features],
      Float32Array.from({ length: rank * features }, (_, i) => direction(i)),
    ),
    codes: ndArray('p r', [ids.length, rank], new Float32Array(ids.length * rank).fill(1)),
    ...{ maps, importance, importanceError: ndArray('n r', [ids.length, rank]) },
    reconstructionError: 0,
    factorisation: { iterations: 0, stop: 'converged' },
    children: [],
  };
}
