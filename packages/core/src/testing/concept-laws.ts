import { describe, expect, test } from 'vitest';
import { type NdArray, ndArray } from '../array.ts';
import type { ConceptBank, ConceptExtractor, ConceptImages } from '../concept-extractor.ts';
import type { Model } from '../networks/model.ts';
import { checkConceptBank } from '../promises/banks.ts';
import { randomStream } from '../random/random.ts';
import { toyModel } from './toy-model.ts';
import { uniformArray } from './toy-split.ts';

/** Builds the concept extractor under test, asked for at most five concepts of images of 8 x 8 pixels. */
export type ConceptsFor = () => ConceptExtractor | Promise<ConceptExtractor>;

/** What every concept extractor promises. Each law throws when the promise is broken. */
export const conceptLaws: Readonly<Record<string, (conceptsFor: ConceptsFor) => Promise<void>>> = {
  async 'names the class, the images and a layer of the model'(conceptsFor) {
    checkBank(await extract(conceptsFor));
  },

  async 'gives arrays whose sizes agree'(conceptsFor) {
    checkBank(await extract(conceptsFor));
  },

  async 'gives finite, non-negative directions, codes and maps'(conceptsFor) {
    const bank = await extract(conceptsFor);
    checkBank(bank);
    for (const { axes, data } of [bank.dictionary, bank.codes, bank.maps]) {
      expect(
        data.some((value) => value > 0),
        `some value of ${axes} is not zero`,
      ).toBe(true);
    }
  },

  async 'takes its crops from inside the images'(conceptsFor) {
    checkBank(await extract(conceptsFor));
  },

  async 'states a relative error, and its maps rebuild the activations'(conceptsFor) {
    const bank = await extract(conceptsFor);
    expect(bank.reconstructionError).toBeGreaterThanOrEqual(0);
    expect(bank.reconstructionError).toBeLessThan(1);
    expect(rebuildError(bank, await toyModel().activations(images().images, bank.layer))).toBeLessThan(0.9);
  },

  async 'keeps importance between 0 and 1, with an error of at least 0'(conceptsFor) {
    const { importance, importanceError } = await extract(conceptsFor);
    expect(importance.data.every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(importanceError.data.every((value) => value >= 0 && Number.isFinite(value))).toBe(true);
  },

  async 'calls nothing important to a class that nothing changes'(conceptsFor) {
    const { importance } = await extract(conceptsFor, constantModel());
    expect(importance.data.every((value) => value === 0)).toBe(true);
  },

  async 'finds the same concepts every time'(conceptsFor) {
    expect(await extract(conceptsFor)).toEqual(await extract(conceptsFor));
  },

  async 'leaves the images and the model as they were'(conceptsFor) {
    const [model, given] = [toyModel(), images()];
    await (await conceptsFor()).extract(model, given);
    expect(given).toEqual(images());
    expect(await model.weights()).toEqual(await toyModel().weights());
  },
};

/** Registers the laws as tests of the concept extractor `name`. */
export function describeConcepts(name: string, conceptsFor: ConceptsFor): void {
  describe(`${name} keeps the concept laws`, () => {
    for (const [law, check] of Object.entries(conceptLaws)) test(law, () => check(conceptsFor));
  });
}

async function extract(conceptsFor: ConceptsFor, model = toyModel()): Promise<ConceptBank> {
  return (await conceptsFor()).extract(model, images());
}

function checkBank(bank: ConceptBank): void {
  checkConceptBank(bank, 'the concept extractor', { model: toyModel(), images: images() });
}

function images(): ConceptImages {
  const noise = uniformArray('n h w c', [4, 8, 8, 3], randomStream(3, 'concept-laws'));
  return { ids: ['a', 'b', 'c', 'd'], images: noise, classIndex: 1 };
}

/** The toy model with logits that do not depend on the activations. */
function constantModel(): Model {
  const model = toyModel();
  return {
    ...model,
    classify: async ({ shape }) => ndArray('n k', [shape[0]!, model.classes.length]),
  };
}

/** ||activations - maps x dictionary|| / ||activations||, Frobenius. */
function rebuildError({ maps, dictionary }: ConceptBank, activations: NdArray): number {
  const [r, d] = dictionary.shape as [number, number]; // 'r d' has two sizes
  let [missed, all] = [0, 0];
  activations.data.forEach((value, i) => {
    let rebuilt = 0;
    for (let k = 0; k < r; k++) rebuilt += maps.data[Math.floor(i / d) * r + k]! * dictionary.data[k * d + (i % d)]!;
    missed += (value - rebuilt) ** 2;
    all += value ** 2;
  });
  return Math.sqrt(missed / all);
}
