import { readFileSync } from 'node:fs';
import type { Matrix } from '@espalier/concept-activations';
import { pca, principalComponents } from '@espalier/concepts-pca';
import { createFrom, ndArray, plainServices, randomStream, StudyError, takeRows } from '@espalier/core';
import { describeConcepts, describeLabels, toyModel, toySplit, toyTokens } from '@espalier/core/testing';
import { describe, expect, test } from 'vitest';

interface Case {
  readonly shape: readonly [number, number];
  readonly values: readonly number[];
  readonly mean: readonly number[];
  /** r d */
  readonly components: readonly number[];
  readonly variances: readonly number[];
  /** Of the first rows. */
  readonly codes: readonly number[];
}

// Made by tools/reference/ice.py with scikit-learn 1.9.1.
const reference: readonly Case[] = JSON.parse(
  readFileSync(new URL('fixtures/reference.json', import.meta.url), 'utf8'),
);

const create = (options: object = {}) => createFrom(pca, { concepts: 3, ...options }, plainServices());
const few = { concepts: 2, patch: 0.5, points: 16, maxPoints: 32, errorTarget: 0 };

describeConcepts('pca', () => create());
describeConcepts('pca of crops', () => create({ from: 'crops', patch: 0.5 }));
describeConcepts('pca of signed tokens', () => create(), toyTokens);
describeLabels(pca, {
  bases: [few, { ...few, from: 'crops' }],
  values: { concepts: [3], part: ['even'], patch: [0.25], points: [32], layer: ['features'], maxIterations: [1] },
});

const stream = () => randomStream(1, 'pca-test');
const matrixOf = ({ shape: [rows, columns], values }: Case): Matrix => ({
  rows,
  columns,
  data: Float64Array.from(values),
});

describe.each(reference)('$shape', (known) => {
  const rank = known.variances.length;
  const found = principalComponents(matrixOf(known), rank, { maxIterations: 1000, stream: stream() });

  test('has the mean, components and variances of scikit-learn, sign for sign', () => {
    const columns = known.shape[1];
    expect(found.stop).toBe('converged');
    expectClose(found.mean, known.mean);
    expectClose(found.variances, known.variances);
    const byComponent = known.components.map((_, i) => {
      return found.directions.data[(i % columns) * rank + Math.floor(i / columns)]!;
    });
    expectClose(byComponent, known.components);
  });

  test('codes are those of scikit-learn', () => {
    const columns = known.shape[1];
    const codes = known.codes.map((_, i) => {
      let sum = 0;
      for (let d = 0; d < columns; d++) {
        const centred = known.values[Math.floor(i / rank) * columns + d]! - found.mean[d]!;
        sum += centred * found.directions.data[d * rank + (i % rank)]!;
      }
      return sum;
    });
    expectClose(codes, known.codes);
  });
});

test('a dictionary of all features rebuilds every activation about the mean', async () => {
  const [model, images] = [toyModel(), await toyImages()];
  const bank = await (await create({ concepts: 5, importance: 'none' })).extract(model, images);
  const { data } = await model.activations(images.images, 'features');
  expect(bank.reconstructionError).toBeLessThan(1e-6);
  data.forEach((value, i) => {
    let rebuilt = bank.offset!.data[i % 5]!;
    for (let k = 0; k < 5; k++)
      rebuilt += bank.maps.data[Math.floor(i / 5) * 5 + k]! * bank.dictionary.data[k * 5 + (i % 5)]!;
    expect(rebuilt).toBeCloseTo(value, 5);
  });
  expect(bank.codes.data.some((value) => value < 0)).toBe(true);
  expect(bank.importance.shape).toEqual([0, 5]);
});

test('importance masks signed codes about the mean: of a linear head it is the share of the variance that each code gives', async () => {
  const [model, images] = [toyModel(), await toyImages()];
  const bank = await (await create({ concepts: 4 })).extract(model, images);
  const weights = (await model.weights()).get('fc.weight')!.data;
  for (let n = 0; n < images.ids.length; n++) {
    const slopes = Array.from({ length: 4 }, (_, k) => {
      let code = 0;
      for (let place = 0; place < 16; place++) code += bank.maps.data[(n * 16 + place) * 4 + k]! / 16;
      let along = 0;
      for (let d = 0; d < 5; d++) along += bank.dictionary.data[k * 5 + d]! * weights[1 * 5 + d]!;
      return (code * along) ** 2;
    });
    const all = slopes.reduce((a, b) => a + b, 0);
    slopes.forEach((slope, k) => {
      expect(bank.importance.data[n * 4 + k]).toBeCloseTo(slope / all, 3);
    });
  }
});

test('learned from half of the images, it is scored on the others, whose activations it did not see', async () => {
  const images = await toyImages();
  const bank = await (await create({ part: 'even', importance: 'none' })).extract(toyModel(), images);
  const half = { ...images, ids: images.ids.filter((_, i) => i % 2 === 0), images: takeRows(images.images, [0, 2, 4]) };
  const alone = await (await create({ importance: 'none' })).extract(toyModel(), half);
  expect(bank.learnedFrom).toEqual([0, 2, 4]);
  expect(bank.dictionary).toEqual(alone.dictionary);
  expect(bank.offset).toEqual(alone.offset);
});

test('what cannot be learned is refused in words', async () => {
  const images = await toyImages();
  const refused = async (options: object, text: string) => {
    const extractor = await create(options);
    const error = await extractor.extract(toyModel(), images).catch((caught: unknown) => caught);
    expect(StudyError.is(error) && [error.code, error.message]).toEqual([
      'core/options-invalid',
      expect.stringContaining(text),
    ]);
  };
  await refused({ concepts: 6 }, 'found 6 `concepts`, 5 features and 96 rows');
  await refused({ concepts: 64, from: 'crops', patch: 1 }, 'PCA cannot learn 64 concepts from 6 crops of 6 images');
});

async function toyImages() {
  const split = toySplit(6);
  const images = await split.images([0, 1, 2, 3, 4, 5]);
  return { ids: split.ids, images: ndArray('n h w c', images.shape, images.data), classIndex: 1 };
}

function expectClose(found: ArrayLike<number>, expected: readonly number[]): void {
  expect(found.length).toBe(expected.length);
  const scale = Math.max(...expected.map(Math.abs));
  expected.forEach((value, i) => {
    expect(Math.abs(found[i]! - value) / scale).toBeLessThan(1e-7);
  });
}
