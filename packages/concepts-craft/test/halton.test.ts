import { readFileSync } from 'node:fs';
import type { Matrix } from '@espalier/concept-activations';
import { craft, craftTorchImportance, haltonPoints } from '@espalier/concepts-craft';
import { createFrom, type Model, ndArray, plainServices } from '@espalier/core';
import { describeConcepts, toyModel, toySplit } from '@espalier/core/testing';
import { expect, test } from 'vitest';

// Made by tools/reference/craft-halton.py with SciPy 1.17.1.
const reference: { points: number[]; cases: Record<string, { concepts: number; total: number[] }> } = JSON.parse(
  readFileSync(new URL('fixtures/halton.json', import.meta.url), 'utf8'),
);

const create = (options: object) => createFrom(craft, { concepts: 3, patch: 0.5, ...options }, plainServices());

describeConcepts('craft-torch', () => create({ preset: 'craft-torch' }));

test('Halton points are those of SciPy', () => {
  const points = haltonPoints(32, 12);
  expect(points.length).toBe(reference.points.length);
  points.forEach((value, i) => {
    expect(value).toBeCloseTo(reference.points[i]!, 14);
  });
});

const outputs: Record<string, (masks: Float32Array) => number> = {
  'ten equal': (masks) => masks.reduce((sum, mask) => sum + mask, 0),
  'one active': (masks) => masks[1]!,
  'a product': (masks) => masks[0]! * masks[2]!,
};

test.each(Object.entries(reference.cases))(
  '%s: the indices of Craft, biased as they are',
  async (name, { concepts, total }) => {
    const found = await importanceOf(outputs[name]!, concepts);
    // Craft's masks and this model's logits are float32, and differences of logits cancel.
    total.forEach((expected, i) => {
      expect(Math.abs(found[i]! - expected)).toBeLessThan(1e-4);
    });
  },
);

test('ten concepts that matter equally get half of what they should, the first one most', async () => {
  const found = await importanceOf(outputs['ten equal']!, 10);
  expect(Math.max(...found)).toBe(found[0]);
  expect(Math.max(...found)).toBeLessThan(0.06); // 0.1 is right
});

test('a logit that does not change is 0, where Craft has 0/0', async () => {
  expect([...(await importanceOf(() => 1, 3))]).toEqual([0, 0, 0]);
});

test('a bank of Craft’s own points states no error of the design', async () => {
  const split = toySplit(4);
  const images = { ids: split.ids, images: await split.images([0, 1, 2, 3]), classIndex: 1 };
  const bank = await (await create({ preset: 'craft-torch' })).extract(toyModel(), images);
  expect(bank).toMatchObject({
    importance: { shape: [4, 3] },
    importanceError: { shape: [0, 3] },
  });
  const corrected = await (await create({})).extract(toyModel(), images);
  expect(corrected.importanceError.shape).toEqual([4, 3]);
});

/** One place, a feature per concept, codes of 1: the activations that `output` sees are the masks. */
async function importanceOf(output: (masks: Float32Array) => number, concepts: number): Promise<Float64Array> {
  const model: Model = {
    ...toyModel(),
    layers: [{ name: 'late', height: 1, width: 1, features: concepts, isStage: true, isComplete: true }],
    classify: async ({ data, shape }) => {
      const values = Array.from({ length: shape[0]! }, (_, n) =>
        output(data.subarray(n * concepts, (n + 1) * concepts)),
      );
      return ndArray('n k', [shape[0]!, 2], Float32Array.from(values.flatMap((value) => [0, value])));
    },
  };
  const unit: Matrix = {
    rows: concepts,
    columns: concepts,
    data: Float64Array.from({ length: concepts ** 2 }, (_, i) => Number(i % (concepts + 1) === 0)),
  };
  const codes = new Float32Array(concepts).fill(1);
  return craftTorchImportance({ model, layer: 'late', classIndex: 1 }, { codes }, unit);
}
