import { type ConceptBank, type ConceptExtractor, type ConceptImages, type Model, ndArray } from '@espalier/core';
import { type ConceptsFor, conceptLaws } from '@espalier/core/testing';
import { expect, test } from 'vitest';

let calls = 0;

// Each law must catch the mistake it exists for.
const broken: Record<keyof typeof conceptLaws, ConceptsFor> = {
  'names the class, the images and a layer of the model': () => changed(() => ({ ids: ['a', 'b', 'c'] })),
  'gives arrays whose sizes agree': () => changed(({ crops }) => ({ crops: crops.slice(1) })),
  'gives finite, non-negative directions, codes and maps': () =>
    changed(({ codes }) => ({ codes: { ...codes, data: codes.data.map((value, i) => (i === 3 ? -value : value)) } })),
  'takes its crops from inside the images': () =>
    changed(({ crops }) => ({ crops: crops.map((crop) => ({ ...crop, top: crop.top + 1 })) })),
  'states a relative error, and its maps rebuild the activations': () =>
    changed(({ maps }) => ({ maps: { ...maps, data: maps.data.map((value) => 3 * value) } })),
  'keeps importance between 0 and 1, with an error of at least 0': () =>
    changed(({ importance }) => ({ importance: { ...importance, data: importance.data.map((value) => 100 * value) } })),
  'calls nothing important to a class that nothing changes': () =>
    changed(({ importance }) => ({ importance: { ...importance, data: importance.data.map((value) => value / 0) } })),
  'finds the same concepts every time': () =>
    changed(({ reconstructionError }) => ({ reconstructionError: reconstructionError + 1e-3 * calls++ })),
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

test('an extractor that breaks nothing passes every law', async () => {
  for (const check of Object.values(conceptLaws)) await check(() => ({ extract: axisConcepts }));
});

test('every law has its broken extractor', () => {
  expect(Object.keys(broken)).toEqual(Object.keys(conceptLaws));
});

function changed(change: (bank: ConceptBank) => Partial<ConceptBank>): ConceptExtractor {
  return {
    async extract(model, images) {
      const bank = await axisConcepts(model, images);
      return { ...bank, ...change(bank) };
    },
  };
}

/** Every feature is a concept, every image its only crop; important is what changes the logit when it is left out. */
async function axisConcepts(model: Model, { ids, images, classIndex }: ConceptImages): Promise<ConceptBank> {
  const { name: layer, features } = model.layers[0]!;
  const activations = await model.activations(images, layer);
  const importance = ndArray('n r', [ids.length, features]);
  const whole = await model.classify(activations, layer);
  for (let r = 0; r < features; r++) {
    const data = activations.data.map((value, i) => (i % features === r ? 0 : value));
    const without = await model.classify({ ...activations, data }, layer);
    ids.forEach((_, n) => {
      const at = n * model.classes.length + classIndex;
      importance.data[n * features + r] = Number(Math.abs(whole.data[at]! - without.data[at]!) > 0);
    });
  }
  return {
    classIndex,
    layer,
    ids,
    crops: ids.map((_, image) => ({ image, top: 0, left: 0, size: 8 })),
    dictionary: ndArray(
      'r d',
      [features, features],
      Float32Array.from({ length: features ** 2 }, (_, i) => Number(i % (features + 1) === 0)),
    ),
    codes: ndArray('p r', [ids.length, features], new Float32Array(ids.length * features).fill(1)),
    maps: { ...activations, axes: 'n h w r' },
    importance,
    importanceError: ndArray('n r', [ids.length, features]),
    reconstructionError: 0,
    factorisation: { iterations: 0, stop: 'converged' },
    children: [],
  };
}
