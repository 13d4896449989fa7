import { readFileSync } from 'node:fs';
import type { Matrix } from '@espalier/concept-activations';
import { kMeans, lloyd } from '@espalier/concepts-kmeans';
import { createFrom, ndArray, plainServices } from '@espalier/core';
import { describeConcepts, describeLabels, toyModel, toySplit, toyTokens } from '@espalier/core/testing';
import { describe, expect, test } from 'vitest';

interface Case {
  readonly shape: readonly [number, number];
  readonly values: readonly number[];
  /** k d */
  readonly start: readonly number[];
  readonly centres: readonly number[];
  readonly labels: readonly number[];
  readonly inertia: number;
  readonly iterations: number;
}

// Made by tools/reference/ice.py with scikit-learn 1.9.1.
const reference: readonly Case[] = JSON.parse(
  readFileSync(new URL('fixtures/reference.json', import.meta.url), 'utf8'),
);

const create = (options: object = {}, changes = {}) =>
  createFrom(kMeans, { concepts: 3, ...options }, plainServices(changes));
const few = { concepts: 2, patch: 0.5, points: 16, maxPoints: 32, errorTarget: 0, restarts: 0, maxIterations: 3 };

describeConcepts('k-means', () => create());
describeConcepts('k-means of crops', () => create({ from: 'crops', patch: 0.5 }));
describeConcepts('k-means of signed tokens', () => create({ concepts: 5 }), toyTokens);
describeLabels(kMeans, {
  bases: [few, { ...few, concepts: 3, from: 'crops' }],
  values: {
    ...{ concepts: [4], part: ['even'], patch: [0.25], points: [32], layer: ['features'] },
    tolerance: [0.9],
    maxIterations: [1],
  },
});

test.each(reference)('$shape: centres, labels and iterations are those of scikit-learn', (known) => {
  const [rows, columns] = known.shape;
  const X: Matrix = { rows, columns, data: Float64Array.from(known.values) };
  const start: Matrix = { rows: known.start.length / columns, columns, data: Float64Array.from(known.start) };
  const found = lloyd(X, start, { tolerance: 1e-4, maxIterations: 300 });
  expect([...found.labels]).toEqual(known.labels);
  expect([found.iterations, found.stop]).toEqual([known.iterations, 'converged']);
  expect(found.inertia).toBeCloseTo(known.inertia, 7);
  known.centres.forEach((value, i) => {
    expect(found.centres.data[i]).toBeCloseTo(value, 9);
  });
});

describe('a bank', () => {
  test('has one code at every place, and rebuilds it as its nearest centre', async () => {
    const [model, images] = [toyModel(), await toyImages()];
    const bank = await (await create({ concepts: 4, importance: 'none' })).extract(model, images);
    const { data } = await model.activations(images.images, 'features');
    const centres = Array.from({ length: 4 }, (_, k) => {
      const code = Math.max(...bank.maps.data.filter((__, i) => i % 4 === k));
      return Array.from(bank.dictionary.data.subarray(k * 5, k * 5 + 5), (value) => code * value);
    });
    for (let place = 0; place < data.length / 5; place++) {
      const codes = bank.maps.data.subarray(place * 4, place * 4 + 4);
      const distances = centres.map((centre) =>
        centre.reduce((sum, value, d) => sum + (value - data[place * 5 + d]!) ** 2, 0),
      );
      const own = codes.findIndex((code) => code > 0);
      expect(codes.filter((code) => code !== 0)).toHaveLength(1);
      expect(distances[own]).toBeLessThanOrEqual(Math.min(...distances) + 1e-5);
    }
  });

  test('has centres that are the means of their places, the largest cluster first', async () => {
    const [model, images] = [toyModel(), await toyImages()];
    const bank = await (await create({ importance: 'none', tolerance: 0 })).extract(model, images);
    const { data } = await model.activations(images.images, 'features');
    const sizes = [0, 1, 2].map((k) => {
      const places = [...Array(data.length / 5).keys()].filter((place) => bank.maps.data[place * 3 + k]! > 0);
      for (let d = 0; d < 5; d++) {
        const mean = places.reduce((sum, place) => sum + data[place * 5 + d]! / places.length, 0);
        expect(bank.dictionary.data[k * 5 + d]! * bank.maps.data[places[0]! * 3 + k]!).toBeCloseTo(mean, 5);
      }
      return places.length;
    });
    expect([...sizes].sort((a, b) => b - a)).toEqual(sizes);
  });

  test('of copies of one row has what there is', async () => {
    const given = await toyImages();
    const flat = {
      ...given,
      images: ndArray('n h w c', given.images.shape, new Float32Array(given.images.data.length).fill(0.5)),
    };
    const bank = await (await create()).extract(toyModel(), flat);
    expect(bank.reconstructionError).toBeLessThan(1e-6);
  });

  test('of more concepts than rows is refused', async () => {
    const given = await toyImages();
    const tiny = toyModel(0, { height: 2, width: 2 });
    const small = { ...given, images: ndArray('n h w c', [6, 2, 2, 3]) };
    await expect((await create({ concepts: 7, patch: 1 })).extract(tiny, small)).rejects.toThrow(
      'found 7 `concepts` and 6 rows',
    );
  });
});

async function toyImages() {
  const split = toySplit(6);
  const images = await split.images([0, 1, 2, 3, 4, 5]);
  return { ids: split.ids, images: ndArray('n h w c', images.shape, images.data), classIndex: 1 };
}
