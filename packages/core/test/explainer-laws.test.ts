import {
  type Explainer,
  type Explanation,
  type Model,
  type NdArray,
  ndArray,
  type RandomStream,
  randomStream,
  rows,
  sampleStreams,
} from '@espalier/core';
import { type ExplainerFor, explainerLaws, toyModel } from '@espalier/core/testing';
import { expect, test } from 'vitest';

type Explain = (model: Model, images: NdArray<'n h w c'>, classIndex: readonly number[]) => Promise<Explanation>;

let calls = 0;

// Each law must catch the mistake it exists for.
const broken: Record<keyof typeof explainerLaws, ExplainerFor> = {
  'gives every input value one finite attribution': () =>
    explainer(async (model, images, classIndex) => {
      const { values } = await gradient(model, images, classIndex);
      values.data[5] = Number.NaN;
      return { values, diagnostics: {} };
    }),
  'names a known channel reduction': () => ({ ...explainer(gradient), reduction: 'mean' as 'sum' }), // an unknown name, on purpose
  'gives one finite diagnostic per image': () =>
    explainer(async (...inputs) => ({ ...(await gradient(...inputs)), diagnostics: { delta: [0] } })),
  'gives the same attributions every time': () =>
    explainer(async (...inputs) => {
      const { values } = await gradient(...inputs);
      values.data[0]! += calls++;
      return { values, diagnostics: {} };
    }),
  'explains a batch as it explains each image alone': () =>
    explainer(async (...inputs) => {
      const { values } = await gradient(...inputs);
      const largest = Math.max(...values.data.map(Math.abs)); // of the batch, not of the image
      return { values: { ...values, data: values.data.map((value) => value / largest) }, diagnostics: {} };
    }),
  'gives an image, known by its id, one attribution in every arm, batch and order': ({ seed }) =>
    noisy((_ids, i) => randomStream(seed, 'noise', i)),
  'explains the asked class, whatever is asked for its neighbours': () =>
    explainer(async (model, images, classIndex) =>
      gradient(
        model,
        images,
        classIndex.map(() => classIndex[0]!),
      ),
    ),
  'explains the model it is given': () => explainer((_, ...inputs) => gradient(toyModel(), ...inputs)),
  'asks another explainer and nothing else, where it can be over one': () => ({
    ...explainer(gradient),
    over: (other) => ({ ...explainer(gradient), reduction: other.reduction }),
  }),
  'leaves the images and the model as they were': () =>
    explainer((model, images, classIndex) => {
      images.data[0]! += 1;
      return gradient(model, images, classIndex);
    }),
};

test.each(Object.entries(broken))('"%s" catches an explainer that breaks it', async (law, explainerFor) => {
  await expect(explainerLaws[law]!(explainerFor)).rejects.toThrow();
});

test('an explainer that breaks nothing passes every law', async () => {
  for (const check of Object.values(explainerLaws)) await check(() => explainer(gradientTimesInput));
});

const byId = 'gives an image, known by its id, one attribution in every arm, batch and order';

test.each<readonly [title: string, explainerFor: ExplainerFor]>([
  ['the seed of the arm', ({ seed }) => noisy((ids, i) => randomStream(seed, 'noise', ids[i]!))],
  ['the place in the batch', ({ pairedSeed }) => noisy((_ids, i) => randomStream(pairedSeed, 'noise', i))],
  ['who else is asked for', ({ pairedSeed }) => noisy((ids, i) => randomStream(pairedSeed, ids.join(), ids[i]!))],
])('the law of pairing catches noise that hangs on %s', async (_title, explainerFor) => {
  await expect(explainerLaws[byId]!(explainerFor)).rejects.toThrow();
});

test('noise drawn by sample id from the paired seed passes every law', async () => {
  const smooth: ExplainerFor = ({ pairedSeed }) =>
    noisy((ids, i) => sampleStreams(pairedSeed, ids, ids.length, 'noise')[i]!);
  for (const check of Object.values(explainerLaws)) await check(smooth);
});

test('every law has its broken explainer', () => {
  expect(Object.keys(broken)).toEqual(Object.keys(explainerLaws));
});

function explainer(explain: Explain): Explainer {
  return { reduction: 'sum', explain };
}

/** The gradient at an image with noise from a stream of its own. */
function noisy(streamOf: (ids: readonly string[], i: number) => RandomStream): Explainer {
  return {
    ...explainer(gradient),
    async explain(model, images, classIndex, _told, ids = []) {
      const size = images.data.length / classIndex.length;
      const streams = classIndex.map((_, i) => streamOf(ids, i));
      const data = images.data.map((value, i) => value + 0.5 * streams[Math.floor(i / size)]!.normal());
      return gradient(model, { ...images, data }, classIndex);
    },
  };
}

async function gradient(...[model, images, classIndex]: Parameters<Explain>): Promise<Explanation> {
  return { values: await model.inputGradient(images, classIndex), diagnostics: {} };
}

async function gradientTimesInput(...[model, images, classIndex]: Parameters<Explain>): Promise<Explanation> {
  const { data } = await model.inputGradient(images, classIndex);
  const values = ndArray(
    'n h w c',
    images.shape,
    data.map((value, i) => value * images.data[i]!),
  );
  const sums = classIndex.map((_, i) => rows(values, i, i + 1).data.reduce((sum, value) => sum + value, 0));
  return { values, diagnostics: { sum: sums } };
}
