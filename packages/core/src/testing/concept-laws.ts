import { describe, expect, test } from 'vitest';
import { ndArray } from '../array.ts';
import { bankForm, type ConceptBank, type ConceptExtractor, type ConceptImages } from '../concept-extractor.ts';
import { layerNamed, placesOfLayer } from '../networks/layers.ts';
import type { Model } from '../networks/model.ts';
import { checkConceptBank } from '../promises/banks.ts';
import { randomStream } from '../random/random.ts';
import { toyModel } from './toys/toy-model.ts';
import { toyExamples, uniformArray } from './toys/toy-split.ts';

/** Builds the concept extractor under test, asked for at most five concepts of images of 8 x 8 pixels. */
export type ConceptsFor = () => ConceptExtractor | Promise<ConceptExtractor>;

/** Makes the model that concepts are found in, of 8 x 8 pixels and three classes: `toyModel`, or `toyTokens` whose layer is signed tokens. */
export type Toy = () => Model;

/** What every concept extractor promises. Each law throws when the promise is broken. */
export const conceptLaws: Readonly<Record<string, (conceptsFor: ConceptsFor, toy?: Toy) => Promise<void>>> = {
  async 'names the class, the images and a layer of the model'(conceptsFor, toy = toyModel) {
    checkBank(await extract(conceptsFor, toy()), toy);
  },

  async 'gives arrays whose sizes agree'(conceptsFor, toy = toyModel) {
    checkBank(await extract(conceptsFor, toy()), toy);
  },

  async 'gives finite directions, and codes and maps that are negative only where its banks say so'(
    conceptsFor,
    toy = toyModel,
  ) {
    const bank = await extract(conceptsFor, toy());
    checkBank(bank, toy);
    for (const { axes, data } of [bank.dictionary, bank.codes, bank.maps]) {
      expect(
        data.some((value) => value !== 0),
        `some value of ${axes} is not zero`,
      ).toBe(true);
    }
  },

  async 'takes its crops from inside the images'(conceptsFor, toy = toyModel) {
    checkBank(await extract(conceptsFor, toy()), toy);
  },

  async 'states a relative error, and its maps rebuild the activations, where its banks rebuild'(
    conceptsFor,
    toy = toyModel,
  ) {
    const bank = await extract(conceptsFor, toy());
    if (!bankForm(bank.form).rebuilds) return checkBank(bank, toy); // which has no error
    expect(bank.reconstructionError).toBeGreaterThanOrEqual(0);
    expect(bank.reconstructionError).toBeLessThan(1);
    expect(await rebuildError(bank, toy())).toBeLessThan(0.9);
  },

  async 'keeps importance between 0 and 1, with an error of at least 0'(conceptsFor, toy = toyModel) {
    const { importance, importanceError } = await extract(conceptsFor, toy());
    expect(importance.data.every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(importanceError.data.every((value) => value >= 0 && Number.isFinite(value))).toBe(true);
  },

  async 'calls nothing important to a class that nothing changes'(conceptsFor, toy = toyModel) {
    const { importance } = await extract(conceptsFor, constantModel(toy()));
    expect(importance.data.every((value) => value === 0)).toBe(true);
  },

  async 'finds the same concepts every time'(conceptsFor, toy = toyModel) {
    expect(await extract(conceptsFor, toy())).toEqual(await extract(conceptsFor, toy()));
  },

  async 'leaves the images and the model as they were'(conceptsFor, toy = toyModel) {
    const [model, given] = [toy(), images()];
    await (await conceptsFor()).extract(model, given);
    expect(pixels(given)).toEqual(pixels(images()));
    expect(await model.weights()).toEqual(await toy().weights());
  },
};

/** Registers the laws as tests of the concept extractor `name`. */
export function describeConcepts(name: string, conceptsFor: ConceptsFor, toy: Toy = toyModel): void {
  describe(`${name} keeps the concept laws`, () => {
    for (const [law, check] of Object.entries(conceptLaws)) test(law, () => check(conceptsFor, toy));
  });
}

async function extract(conceptsFor: ConceptsFor, model: Model): Promise<ConceptBank> {
  return (await conceptsFor()).extract(model, images());
}

function checkBank(bank: ConceptBank, toy: Toy): void {
  checkConceptBank(bank, 'the concept extractor', { model: toy(), images: images() });
}

function images(): ConceptImages {
  const noise = uniformArray('n h w c', [4, 8, 8, 3], randomStream(3, 'concept-laws'));
  return { ids: ['a', 'b', 'c', 'd'], images: noise, classIndex: 1, ...toyExamples() };
}

/** What was given, without the functions of splits, which are other ones every time. */
function pixels({ examples, counterparts, ...given }: ConceptImages): object {
  return { ...given, examples: examples!.digest, counterparts: counterparts!.digest };
}

/** The same model with logits that do not depend on the activations. */
function constantModel(model: Model): Model {
  return {
    ...model,
    classify: async ({ shape }) => ndArray('n k', [shape[0]!, model.classes.length]),
    activationGradient: async (images, layer) => {
      const { axes, shape } = await model.activations(images, layer);
      return ndArray(axes, shape);
    },
  };
}

/** ||activations - offset - maps x dictionary|| / ||activations||, Frobenius, over the places of the layer. */
async function rebuildError({ layer, maps, dictionary, offset }: ConceptBank, model: Model): Promise<number> {
  const activations = await model.activations(images().images, layer);
  const { height, width, leading } = placesOfLayer(layerNamed(model.layers, layer));
  const [r, d] = dictionary.shape as [number, number]; // 'r d' has two sizes
  let [missed, all] = [0, 0];
  for (let i = 0; i < activations.shape[0]! * height * width * d; i++) {
    const image = Math.floor(i / (height * width * d));
    const value = activations.data[i + (image + 1) * leading * d]!;
    let rebuilt = offset?.data[i % d] ?? 0;
    for (let k = 0; k < r; k++) rebuilt += maps.data[Math.floor(i / d) * r + k]! * dictionary.data[k * d + (i % d)]!;
    missed += (value - rebuilt) ** 2;
    all += value ** 2;
  }
  return Math.sqrt(missed / all);
}
