import {
  type ConceptBank,
  createFrom,
  type Measurement,
  type Metric,
  plainServices,
  randomStream,
  takeRows,
} from '@espalier/core';
import { splitOf, toyModel } from '@espalier/core/testing';
import { coherence, completeness, distinctness, reconstruction, recovery, stability } from '@espalier/metrics-concepts';
import { describe, expect, test } from 'vitest';
import { randomBank, uniform } from './toy-banks.ts';

const services = plainServices();
const stream = randomStream(7, 'held-out');
const labels = [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1];
const pictures = uniform(stream, 'n h w c', [12, 8, 8, 3]);
const plain = splitOf(pictures, labels, ['cats', 'dogs', 'birds']);
const regions = [{ name: 'left', mask: Uint8Array.from({ length: 64 }, (_, i) => Number(i % 8 < 4)) }];
const images = { ...plain, truth: async () => regions };
const model = toyModel(3);

/** Two concepts of a class in its six images. */
function bankOfClass(classIndex: number, learnedFrom: readonly number[]): ConceptBank {
  const ids = plain.ids.filter((_, i) => labels[i] === classIndex);
  return randomBank(model, { classIndex, ids, learnedFrom, concepts: 2 }, stream);
}

/** The bank as if it had been found in the images at `places` alone. */
function alone({ learnedFrom: _, ...bank }: ConceptBank, places: readonly number[]): ConceptBank {
  return {
    ...bank,
    ids: places.map((place) => bank.ids[place]!),
    crops: bank.crops.slice(0, 2 * places.length),
    codes: takeRows(
      bank.codes,
      places.flatMap((place) => [2 * place, 2 * place + 1]),
    ),
    maps: takeRows(bank.maps, places),
  };
}

const halves = { even: [0, 2, 4], odd: [1, 3, 5] };
const concepts = [0, 1].map((label) => bankOfClass(label, halves.even));
const nullConcepts = [0, 1].map((label) => bankOfClass(label, halves.even));
const otherConcepts = [0, 1].map((label) => bankOfClass(label, halves.even));

const byId = (scores: readonly Measurement[]) =>
  scores.map(({ metric, ids, values, sharedFits }) => [
    metric,
    ids,
    values.map((value) => value.toFixed(9)),
    sharedFits,
  ]);

describe.each<readonly [string, Metric]>([
  ['reconstruction', await createFrom(reconstruction, {}, services)],
  ['completeness', await createFrom(completeness, {}, services)],
  ['coherence', await createFrom(coherence, {}, services)],
  ['distinctness', await createFrom(distinctness, {}, services)],
  ['recovery', await createFrom(recovery, {}, services)],
  ['stability', await createFrom(stability, {}, services)],
])('%s', (name, metric) => {
  test('is measured in the images that the dictionary was not learned from, of the null too', async () => {
    const all = { model, images, concepts, nullConcepts, otherConcepts };
    const odd = (banks: readonly ConceptBank[]) => banks.map((bank) => alone(bank, halves.odd));
    const held = await metric.measure(all);
    const expected = {
      ...all,
      concepts: odd(concepts),
      nullConcepts: odd(nullConcepts),
      otherConcepts: odd(otherConcepts),
    };
    expect(byId(held)).toEqual(byId(await metric.measure(expected)));
    // learned from all, it is another score
    const learned = concepts.map(({ learnedFrom: _, ...bank }) => bank);
    if (name !== 'stability')
      expect(byId(await metric.measure({ ...all, concepts: learned, nullConcepts: learned }))).not.toEqual(byId(held));
  });
});

test('images that a dictionary was learned from are named as such, and images share the dictionary of their class', async () => {
  const [scores] = await (await createFrom(reconstruction, {}, services)).measure({
    model,
    images,
    concepts: [concepts[1]!],
  });
  const own = plain.ids.filter((_, i) => labels[i] === 1);
  expect(scores).toMatchObject({
    ids: halves.odd.map((place) => own[place]),
    sharedFits: ['dogs', 'dogs', 'dogs'],
    omitted: [
      { reason: 'concepts were learned from these images', ids: halves.even.map((place) => own[place]) },
      { reason: 'concepts were not found in these images', ids: plain.ids.filter((_, i) => labels[i] === 0) },
    ],
  });
});

test('two halves have no image that both were not learned from: stability is over all crops', async () => {
  const [even, odd] = [bankOfClass(0, halves.even), bankOfClass(0, halves.odd)];
  const metric = await createFrom(stability, {}, services);
  const [a, b] = [
    await metric.measure({ images, concepts: [even], otherConcepts: [odd] }),
    await metric.measure({ images, concepts: [alone(even, [0, 1, 2, 3, 4, 5])], otherConcepts: [odd] }),
  ];
  const whole = [even, odd].map(({ learnedFrom: _, ...bank }) => bank) as [ConceptBank, ConceptBank];
  const [c] = await metric.measure({ images, concepts: [whole[0]], otherConcepts: [whole[1]] });
  expect(a[0]!.values).toEqual(c!.values);
  expect(b[0]!.values).not.toEqual(c!.values); // one of them was learned from every other image
});
