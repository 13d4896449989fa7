import { conceptImportance, type ImageCodes, type Matrix, sobolImportance } from '@espalier/concept-activations';
import type { Model } from '@espalier/core';
import { toyModel } from '@espalier/core/testing';
import { expect, test, vi } from 'vitest';

const design = { points: 16, maxPoints: 16, replicates: 4, errorTarget: 1 } as const;
const measure = sobolImportance(design, { seed: 1 });

test('shares of the squares of what each concept changes the logit by', async () => {
  // Of two places and two concepts, the mean over places times the dense layer's row.
  using model = toyModel(0, { height: 2, width: 4, features: 2 });
  const row = (await model.weights()).get('fc.weight')!.data.slice(2 * 1, 2 * 1 + 2);
  const directions: Matrix = { rows: 2, columns: 2, data: Float64Array.of(1, 0, 0, 1) };
  const head = { model, layer: 'features', classIndex: 1 };
  const { importance, error } = await measure(head, { codes: Float32Array.of(1, 0, 2, 4) }, directions, 'a');
  const changes = [row[0]! * (3 / 2), row[1]! * (4 / 2)] as const;
  const sum = changes[0] ** 2 + changes[1] ** 2;
  expect(importance[0]).toBeCloseTo(changes[0] ** 2 / sum, 5);
  expect(importance[1]).toBeCloseTo(changes[1] ** 2 / sum, 5);
  expect([...error!]).toEqual([0, 0]);
  const nothing = await measure(head, { codes: new Float32Array(4) }, directions, 'a');
  expect([...nothing.importance]).toEqual([0, 0]);
});

test('agrees with masks tried on the same network, at a fraction of the logits', async () => {
  using model = toyModel(3);
  const { head, image, directions } = onToy(model);
  const classify = vi.spyOn(model, 'classify');
  const exact = await measure(head, image, directions, 'a');
  expect(classify.mock.calls.map(([{ shape }]) => shape[0])).toEqual([1 + 4]);
  const sampled = await conceptImportance(head, image, directions, { ...design, seed: 1 });
  exact.importance.forEach((value, k) => {
    expect(value).toBeCloseTo(sampled.importance[k]!, 5);
  });
});

test('masks are tried where the rest is not known to be affine, and where reconstructions are cut off at zero', async () => {
  using model = toyModel(3);
  const { head, image, directions } = onToy(model);
  const exact = await measure(head, image, directions, 'a');
  const classify = vi.spyOn(model, 'classify');
  const cut = await measure(head, { ...image, isSigned: false }, directions, 'a');
  expect(classify.mock.calls[0]![0].shape[0]).toBe(16 * (1 + 4));
  expect(Math.abs(cut.importance[0]! - exact.importance[0]!)).toBeGreaterThan(1e-3);
  classify.mockClear();
  const unknown = { ...model, layers: model.layers.map(({ hasAffineRest: _, ...layer }) => layer) };
  await measure({ ...head, model: unknown }, image, directions, 'a');
  expect(classify.mock.calls[0]![0].shape[0]).toBe(16 * (1 + 4));
});

function onToy(model: Model) {
  const { height, width, features } = model.layers[0]!;
  const places = height * width;
  const rest = Float32Array.from({ length: places * features }, (_, i) => Math.cos(i));
  const codes = Float32Array.from({ length: places * 4 }, (_, i) => (i * i) % 7);
  const image: ImageCodes = { codes, rest, isSigned: true };
  const data = Float64Array.from({ length: features * 4 }, (_, i) => Math.sin(2 + i));
  const directions: Matrix = { rows: features, columns: 4, data };
  return { head: { model, layer: 'features', classIndex: 2 }, image, directions };
}
