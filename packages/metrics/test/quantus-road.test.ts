import { readFileSync } from 'node:fs';
import { createFrom, type Model, ndArray, plainServices } from '@espalier/core';
import { splitOf, toyModel } from '@espalier/core/testing';
import { road, roadPresets } from '@espalier/metrics';
import { expect, test } from 'vitest';

/** Made by tools/reference/quantus-road.py with Quantus 0.5.3: hits of every image at every level, without noise. */
interface Reference {
  readonly side: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** Bytes, `n h w c`. */
  readonly images: readonly number[];
  /** Of a linear model of the normalised image, `k h w c`. */
  readonly weights: readonly number[];
  /** Signed, without ties, `n h w`. */
  readonly maps: readonly number[];
  readonly labels: readonly number[];
  readonly presets: readonly {
    readonly preset: keyof typeof roadPresets;
    readonly hits: readonly (readonly number[])[];
    readonly curve: readonly number[];
    readonly areas: readonly number[];
  }[];
}

const reference: Reference = JSON.parse(readFileSync(new URL('fixtures/quantus-road.json', import.meta.url), 'utf8'));
const { side, mean, std, weights, labels } = reference;
const count = labels.length;
const pixels = side * side;

test.each(reference.presets)('$preset: every hit and every area is that of Quantus 0.5.3', async (expected) => {
  const metric = await createFrom(road, { preset: expected.preset, noise: 0, tolerance: 1e-5 }, plainServices());
  const data = Float32Array.from(reference.images, (byte) => byte / 255);
  const images = splitOf(ndArray('n h w c', [count, side, side, 3], data), labels, ['a', 'b', 'c']);
  const attributions = {
    values: ndArray('n h w c', [count, side, side, 1], Float32Array.from(reference.maps)),
    reduction: 'sum',
    ids: images.ids,
    classIndex: labels,
    method: 'toy/map',
    preset: 'corrected',
    diagnostics: {},
  } as const;
  const [found] = await metric.measure({ model: linearModel(), images, attributions });
  const { at, values } = found!.curve!;
  expect(at).toEqual(roadPresets[expected.preset].percentages);
  expect([...values.data]).toEqual(expected.hits.flat());
  expect(new Set(expected.hits.flat())).toEqual(new Set([0, 1]));
  const means = at.map((_, level) => expected.hits.reduce((sum, hits) => sum + hits[level]!, 0) / count);
  means.forEach((share, level) => {
    expect(share).toBeCloseTo(expected.curve[level]!, 12);
  });
  expected.areas.forEach((area, i) => {
    expect(found!.values[i]).toBeCloseTo(area, 12);
  });
});

/** logits = weights (image - mean) / std */
function linearModel(): Model {
  const logit = (image: Float32Array, k: number) =>
    image.reduce((sum, value, i) => sum + (weights[k * 3 * pixels + i]! * (value - mean[i % 3]!)) / std[i % 3]!, 0);
  return {
    ...toyModel(),
    input: { height: side, width: side, channels: 3, mean, std },
    predict: async ({ data, shape }) => {
      const each = Array.from({ length: shape[0]! }, (_, n) => data.subarray(3 * pixels * n, 3 * pixels * (n + 1)));
      return ndArray(
        'n k',
        [shape[0]!, 3],
        Float32Array.from(each.flatMap((image) => [0, 1, 2].map((k) => logit(image, k)))),
      );
    },
  };
}
