import { describe, expect, test } from 'vitest';
import { concatRows, type NdArray, rows, takeRows } from '../array.ts';
import type { Explainer, Explanation } from '../explaining/explainer.ts';
import type { Model } from '../networks/model.ts';
import { checkDiagnostics, checkExplainer, checkExplanation } from '../promises/explanations.ts';
import { randomStream } from '../random/random.ts';
import { plainServices, type Services } from '../services.ts';
import { toyModel } from './toys/toy-model.ts';
import { uniformArray } from './toys/toy-split.ts';

/**
 * Builds the explainer under test with the services given. Hand them on to an explainer that draws noise: the laws ask for it in
 * arms with other seeds.
 */
export type ExplainerFor = (services: Services) => Explainer | Promise<Explainer>;

/** What every explainer promises. Each law throws when the promise is broken. */
export const explainerLaws: Readonly<Record<string, (explainerFor: ExplainerFor) => Promise<void>>> = {
  async 'gives every input value one finite attribution'(explainerFor) {
    const explanation = await explain(explainerFor, toyModel(), noise(), classes);
    checkExplanation(explanation, 'the explainer', noise());
    expect(
      explanation.values.data.some((value) => value !== 0),
      'some attribution is not zero',
    ).toBe(true);
  },

  async 'names a known channel reduction'(explainerFor) {
    checkExplainer(await explainerFor(plainServices()), 'the explainer');
  },

  async 'gives one finite diagnostic per image'(explainerFor) {
    const { diagnostics } = await explain(explainerFor, toyModel(), noise(), classes);
    checkDiagnostics(diagnostics, 'the explainer', classes.length);
  },

  async 'gives the same attributions every time'(explainerFor) {
    const first = await explain(explainerFor, toyModel(), noise(), classes);
    expect(await explain(explainerFor, toyModel(), noise(), classes)).toEqual(first);
  },

  async 'explains a batch as it explains each image alone'(explainerFor) {
    const batch = await explain(explainerFor, toyModel(), noise(), classes);
    const alone: NdArray<'n h w c'>[] = [];
    for (const [i, classIndex] of classes.entries()) {
      alone.push((await explain(explainerFor, toyModel(), rows(noise(), i, i + 1), [classIndex], [ids[i]!])).values);
    }
    expectClose(batch.values, concatRows(alone));
  },

  async 'gives an image, known by its id, one attribution in every arm, batch and order'(explainerFor) {
    const first = await explainIn(explainerFor, 1, [0, 1, 2]);
    expect(await explainIn(explainerFor, 2, [0, 1, 2]), 'in another arm').toEqual(first);
    for (const order of [[2, 1, 0], [1, 2], [2]]) {
      const { values } = await explainIn(explainerFor, 1, order);
      expectClose(values, takeRows(first.values, order));
    }
  },

  async 'explains the asked class, whatever is asked for its neighbours'(explainerFor) {
    const images = concatRows([rows(noise(), 0, 1), rows(noise(), 0, 1)]);
    const twice = ['a', 'a'];
    const { values } = await explain(explainerFor, toyModel(), images, [0, 1], twice);
    expect(rows(values, 0, 1).data, 'class 0 and class 1 of one image').not.toEqual(rows(values, 1, 2).data);
    const swapped = await explain(explainerFor, toyModel(), images, [1, 0], twice);
    expectClose(rows(values, 0, 1), rows(swapped.values, 1, 2));
  },

  async 'explains the model it is given'(explainerFor) {
    const one = await explain(explainerFor, toyModel(0), noise(), classes);
    const other = await explain(explainerFor, toyModel(1), noise(), classes);
    expect(one.values.data).not.toEqual(other.values.data);
  },

  async 'asks another explainer and nothing else, where it can be over one'(explainerFor) {
    const explainer = await explainerFor(plainServices());
    if (!explainer.over) return;
    const [model, other] = [toyModel(), recorded()];
    const over = explainer.over(other);
    expect(over.reduction, 'how its maps are read').toBe(other.reduction);
    const explanation = await over.explain(withoutGradients(model), noise(), classes, undefined, ids);
    checkExplanation(explanation, 'the explainer over another', noise());
    expect(new Set(other.classes), 'the classes that it asked about').toEqual(new Set(classes));
  },

  async 'leaves the images and the model as they were'(explainerFor) {
    const [model, images] = [toyModel(), noise()];
    await explain(explainerFor, model, images, classes);
    expect(images).toEqual(noise());
    expect(await model.weights()).toEqual(await toyModel().weights());
  },
};

/** Registers the laws as tests of the explainer `name`. */
export function describeExplainer(name: string, explainerFor: ExplainerFor): void {
  describe(`${name} keeps the explainer laws`, () => {
    for (const [law, check] of Object.entries(explainerLaws)) test(law, () => check(explainerFor));
  });
}

/** An explainer that answers with the images, and keeps what it was asked about. */
function recorded(): Explainer & { readonly classes: number[] } {
  const asked: number[] = [];
  return {
    reduction: 'max-abs',
    classes: asked,
    async explain(_model, images, classIndex) {
      asked.push(...classIndex);
      return { values: images, diagnostics: {} };
    },
  };
}

/** A model that only others may ask for gradients. */
function withoutGradients(model: Model): Model {
  const refuse = async () => {
    throw new Error('It asked the model for a gradient itself.');
  };
  return { ...model, inputGradient: refuse, activationGradient: refuse };
}

const classes = [0, 2, 1];
const ids = ['a', 'b', 'c'];

function noise(): NdArray<'n h w c'> {
  return uniformArray('n h w c', [classes.length, 8, 8, 3], randomStream(7, 'explainer-laws'));
}

async function explain(
  explainerFor: ExplainerFor,
  model: Model,
  images: NdArray<'n h w c'>,
  classIndex: readonly number[],
  sampleIds = ids,
): Promise<Explanation> {
  return (await explainerFor(plainServices())).explain(model, images, classIndex, undefined, sampleIds);
}

/** The images `order`, explained in an arm of a study: the seed is the arm's own, the paired seed that of all. */
async function explainIn(explainerFor: ExplainerFor, arm: number, order: readonly number[]): Promise<Explanation> {
  const explainer = await explainerFor(plainServices({ seed: arm, pairedSeed: 11 }));
  const [own, names] = [order.map((i) => classes[i]!), order.map((i) => ids[i]!)];
  return explainer.explain(toyModel(), takeRows(noise(), order), own, undefined, names);
}

/** Engines may sum a batch in another order than a single image: float32 rounding, and nothing more, is allowed. */
function expectClose(found: NdArray, expected: NdArray): void {
  expect(found.shape).toEqual(expected.shape);
  const scale = Math.max(...expected.data.map(Math.abs));
  found.data.forEach((value, i) => {
    expect(Math.abs(value - expected.data[i]!), `value ${i}`).toBeLessThanOrEqual(1e-5 * scale);
  });
}
