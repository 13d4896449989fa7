import type { Matrix } from '@espalier/concept-activations';
import { batchTopKSae, topKSae, trainAutoencoder } from '@espalier/concepts-sae';
import { createFrom, plainServices, randomStream, StudyError } from '@espalier/core';
import { describeConcepts, describeLabels, toyTokens } from '@espalier/core/testing';
import { describe, expect, test } from 'vitest';

const small = { concepts: 12, k: 3, steps: 120, batchSize: 32, points: 16, maxPoints: 16, errorTarget: 1 };
const create = (options: object = {}, changes = {}) =>
  createFrom(topKSae, { ...small, ...options }, plainServices(changes));
const createByBatch = (options: object = {}) => createFrom(batchTopKSae, { ...small, ...options }, plainServices());

describeConcepts('a TopK autoencoder', () => create());
describeConcepts('a TopK autoencoder of signed tokens', () => create(), toyTokens);
describeConcepts('a BatchTopK autoencoder of crops', () => createByBatch({ from: 'crops', patch: 0.5 }));
const tried = {
  bases: [{ ...small, steps: 6, deadAfter: 2 }],
  values: {
    ...{ concepts: [10], k: [2], steps: [7], batchSize: [16], learningRate: [0.02], auxiliary: [0.5], deadAfter: [3] },
    ...{
      part: ['even'],
      patch: [0.25],
      points: [32],
      maxPoints: [32],
      replicates: [3],
      errorTarget: [0.001],
      layer: ['features'],
    },
  },
};
describeLabels(topKSae, tried);
describeLabels(batchTopKSae, tried);

describe.each(['row', 'batch'] as const)('latents chosen by %s', (by) => {
  // 24 directions in 32 features, three of them in every row, about a point that is not 0.
  const stream = randomStream(1, 'planted-dictionary');
  const [planted, columns, rows] = [24, 32, 1200];
  const directions = Array.from({ length: planted }, () => {
    const row = Array.from({ length: columns }, () => stream.normal());
    const length = Math.hypot(...row);
    return row.map((value) => value / length);
  });
  const centre = Array.from({ length: columns }, () => 3 * stream.normal());
  const data = new Float64Array(rows * columns);
  for (let n = 0; n < rows; n++) {
    for (let d = 0; d < columns; d++) data[n * columns + d] = 5 * centre[d]!;
    for (const latent of stream.shuffled([...Array(planted).keys()]).slice(0, 3)) {
      const strength = 5 + 5 * stream.uniform();
      for (let d = 0; d < columns; d++) data[n * columns + d]! += strength * directions[latent]![d]!;
    }
  }
  const X: Matrix = { rows, columns, data };
  const options = {
    concepts: 32,
    k: 3,
    steps: 800,
    batchSize: 64,
    learningRate: 0.01,
    auxiliary: 1 / 32,
    deadAfter: 50,
  };
  const train = (changes = {}) =>
    trainAutoencoder(
      X,
      by,
      { ...options, ...changes },
      {
        stream: randomStream(5, 'training'),
        told: () => {},
        signal: new AbortController().signal,
      },
    );

  test('find a planted dictionary', () => {
    const { model, dead } = train();
    const likeness = directions.map((direction) =>
      Math.max(
        ...Array.from({ length: 32 }, (_, latent) => {
          return direction.reduce((sum, value, d) => sum + value * model.decoder.data[latent * columns + d]!, 0);
        }),
      ),
    );
    expect(dead).toBeLessThanOrEqual(8); // those that are too many
    expect(likeness.filter((cosine) => cosine > 0.95).length).toBeGreaterThanOrEqual(23);
    for (let latent = 0; latent < 32; latent++) {
      const row = model.decoder.data.subarray(latent * columns, (latent + 1) * columns);
      expect(Math.hypot(...row)).toBeCloseTo(1, 12);
    }
  });

  test('are the same every time', () => {
    expect(train({ steps: 20 })).toEqual(train({ steps: 20 }));
  });
});

test('what cannot be is refused in words', async () => {
  const refusal = {
    code: 'core/options-invalid',
    message: expect.stringContaining('at most 4, the `concepts`; found 5'),
  };
  await expect(create({ concepts: 4, k: 5 })).rejects.toMatchObject(refusal);
  expect(topKSae.check!(topKSae.options.parse({ concepts: 4, k: 5 }), { folder: '' })).toEqual([
    { path: ['k'], text: refusal.message },
  ]);
  expect(topKSae.check!(topKSae.options.parse({ concepts: 65 }), { folder: '' })).toEqual([
    { path: ['importance'], text: expect.stringContaining('importance of at most 64 concepts') },
  ]);
  expect(topKSae.check!(topKSae.options.parse({ concepts: 65, importance: 'none' }), { folder: '' })).toEqual([]);
  const row = { rows: 2, columns: 1, data: Float64Array.of(1, 1e300) };
  const options = { concepts: 2, k: 1, steps: 50, batchSize: 2, learningRate: 1e160, auxiliary: 0, deadAfter: 9 };
  const error = (() => {
    try {
      return trainAutoencoder(row, 'row', options, {
        ...{ stream: randomStream(1), told: () => {}, signal: new AbortController().signal },
      });
    } catch (caught) {
      return caught;
    }
  })();
  expect(StudyError.is(error) && error.code).toBe('core/training-diverged');
});
