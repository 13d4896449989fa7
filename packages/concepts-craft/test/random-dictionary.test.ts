import { gridOfCrops } from '@espalier/concept-activations';
import { nonNegativeCodes, randomDictionary, randomDirections } from '@espalier/concepts-craft';
import { createFrom, ndArray, plainServices, randomStream, takeRows } from '@espalier/core';
import { describeConcepts, toyModel, toyTokens } from '@espalier/core/testing';
import { expect, test } from 'vitest';

const create = (options: object = {}, seed = 0) => createFrom(randomDictionary, options, plainServices({ seed }));

describeConcepts('random dictionary', () => create({ concepts: 4 }));
describeConcepts('signed random dictionary', () => create({ concepts: 4 }), toyTokens);

const images = () => {
  const stream = randomStream(1, 'random-dictionary-test');
  const data = Float32Array.from({ length: 4 * 192 }, () => stream.uniform());
  return { ids: ['a', 'b', 'c', 'd'], images: ndArray('n h w c', [4, 8, 8, 3], data), classIndex: 2 };
};

test('features are half-normal, as large on average as activations are', () => {
  const A = { rows: 2, columns: 3, data: Float64Array.from([1, 0, 8, 3, 0, 0]) };
  const { data } = randomDirections(A, 20_000, randomStream(0, 'test'));
  const mean = (feature: number) =>
    data.subarray(feature * 20_000, (feature + 1) * 20_000).reduce((sum, value) => sum + value, 0) / 20_000;
  // A half-normal number has the mean sqrt(2 / pi) and standard deviation 0.6: four standard errors are 0.017.
  const halfNormal = Math.sqrt(2 / Math.PI);
  expect(Math.abs(mean(0) / 2 - halfNormal)).toBeLessThan(0.017);
  expect(mean(1)).toBe(0);
  expect(Math.abs(mean(2) / 4 - halfNormal)).toBeLessThan(0.017);
});

test('has the crops of CRAFT, and codes that are exact for its directions', async () => {
  const bank = await (await create({ concepts: 3, patch: 0.5 })).extract(toyModel(), images());
  expect(bank.crops).toEqual(gridOfCrops(images().images, 4));
  const { data } = await toyModel().activations(images().images, 'features');
  const rows = { rows: 64, columns: 5, data: Float64Array.from(data) };
  const directions = { rows: 5, columns: 3, data: new Float64Array(15) };
  for (let d = 0; d < 5; d++) for (let k = 0; k < 3; k++) directions.data[d * 3 + k] = bank.dictionary.data[k * 5 + d]!;
  nonNegativeCodes(rows, directions).data.forEach((code, i) => {
    expect(bank.maps.data[i]).toBeCloseTo(code, 4); // the stored dictionary is float32
  });
});

test('differs by seed and class, and by nothing else', async () => {
  const of = async (seed: number, classIndex: number) =>
    (await (await create({}, seed)).extract(toyModel(), { ...images(), classIndex })).dictionary.data;
  expect(await of(1, 2)).toEqual(await of(1, 2));
  expect(await of(1, 2)).not.toEqual(await of(2, 2));
  expect(await of(1, 2)).not.toEqual(await of(1, 1));
});

test('is scaled by a part of the images alone, and scored on the others', async () => {
  const of = async (part: string, given = images()) => (await create({ part }, 1)).extract(toyModel(), given);
  const { images: pictures, ...rest } = images();
  const half = { ...rest, ids: ['b', 'd'], images: takeRows(pictures, [1, 3]) };
  const odd = await of('odd');
  expect(odd.learnedFrom).toEqual([1, 3]);
  expect(odd.dictionary).toEqual((await of('all', half)).dictionary);
  expect(odd.dictionary).not.toEqual((await of('even')).dictionary);
  await expect(
    of('odd', { ...half, ids: ['b'], images: takeRows(pictures, [1]) }),
  ).rejects.toThrowErrorMatchingInlineSnapshot(
    `[StudyError: The random dictionary is scaled by the odd part of the images, found none in 1 images. Give more images, or another \`part\`.]`,
  );
});
