import { existsSync } from 'node:fs';
import {
  type Attributions,
  createFrom,
  type Model,
  type NdArray,
  ndArray,
  plainServices,
  rows,
  type Split,
} from '@espalier/core';
import { splitOf } from '@espalier/core/testing';
import { integratedGradients } from '@espalier/explainer-ig';
import { saliency } from '@espalier/explainer-vg';
import { linearImputer, removalCount, removalOrder, road, sparseness } from '@espalier/metrics';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  classNames,
  fewOrAll,
  hasReference,
  hasTensorflow,
  mean,
  photographs,
  pictures,
  type Reference,
  readReference,
  readTensors,
  referenceModel,
  std,
} from './reference.ts';

// Reference values are not part of the repository: they were made from photographs.
describe.skipIf(!hasReference)('metrics against Quantus 0.5.3 (skipped where the reference is absent)', () => {
  let reference: Reference;
  let gradients: ReadonlyMap<string, NdArray>;
  let imputed: ReadonlyMap<string, NdArray>;
  beforeAll(() => {
    reference = readReference();
    gradients = readTensors('gradients.safetensors');
    imputed = readTensors('road.safetensors');
  });

  test.each(['corrected', 'quantus-0.5.3'])('Gini within 1e-4 (%s)', async (preset) => {
    const metric = await createFrom(sparseness, { preset }, plainServices());
    const score = async (values: NdArray, reduction: Attributions['reduction']) =>
      (await metric.measure({ attributions: attributionsOf(values, reduction) }))[0]!.values;
    const vg = await score(gradients.get('gradient_nhwc')!, 'sum-abs');
    expectWithin(vg, reference.quantus_sparseness_vg_abs_channelsum, 1e-4);
    const ig = await score(gradients.get('ig_gausslegendre50_nhwc')!, 'sum');
    expectWithin(ig, reference.quantus_sparseness_ig_gl50_channelsum, 1e-4);
  });

  /** The row of gradients.safetensors that holds the image of road.safetensors. */
  const imputedRow = () => reference.gradient_subset.indexOf(reference.road_sample_ids[0]!);

  test.for(['vg', 'ig'])('imputed images within 1e-3 without noise (%s)', (method, { skip }) => {
    const row = imputedRow();
    skip(row < 0, 'no pixels of that image in the reference');
    const bytes = rows(gradients.get('images_u8')!, row, row + 1);
    const [height, width] = bytes.shape.slice(1) as [number, number]; // 'n h w c'
    const pixels = bytes.data.map((byte) => byte / 255);
    const order = Uint32Array.from(imputed.get(`${method}_order`)!.data);
    const { name, percentages } = imputedOf(method);
    const counts = percentages.map((percentage) => removalCount(order.length, percentage));
    const image = ndArray('h w c', [height, width, 3], pixels);
    const found = linearImputer(height, width)(image, order, counts).images.data;
    const expected = imputed.get(name)!.data;
    expectWithin(found.map(normalise), expected, 1e-3);
  });

  /** Its name says the percentages removed: `vg_imputed_nhwc_at_11_51_91`. */
  function imputedOf(method: string): { readonly name: string; readonly percentages: readonly number[] } {
    const start = `${method}_imputed_nhwc_at_`;
    const name = [...imputed.keys()].find((key) => key.startsWith(start))!;
    return { name, percentages: name.slice(start.length).split('_').map(Number) };
  }

  test('the removal order of the first image, but for pixels of nearly equal attribution', ({ skip }) => {
    const row = imputedRow();
    skip(row < 0, 'no gradient of that image in the reference');
    const values = rows(gradients.get('gradient_nhwc')!, row, row + 1).data;
    const map = Float32Array.from({ length: values.length / 3 }, (_, i) =>
      values.subarray(3 * i, 3 * i + 3).reduce((sum, value) => sum + Math.abs(value), 0),
    );
    const order = removalOrder(map);
    const expected = imputed.get('vg_order')!.data;
    const scale = Math.max(...map);
    // The reference sums channels in float32: values may tie there that differ here by its rounding.
    order.forEach((pixel, i) => {
      expect(Math.abs(map[pixel]! - map[expected[i]!]!)).toBeLessThan(1e-5 * scale);
    });
  });

  describe.skipIf(!existsSync(pictures))('on the photographs (skipped where they are absent)', () => {
    let model: Model;
    let images: Split;
    beforeAll(async () => {
      model = await referenceModel(hasTensorflow ? 'tensorflow' : 'wasm');
      // wasm is many times slower than TensorFlow, so fewer images have to do there.
      const most = fewOrAll(hasTensorflow ? 4 : 3);
      images = await labelled(reference, reference.road_sample_ids.slice(0, most));
    });

    const explainers = {
      vg: () => createFrom(saliency, {}, plainServices()),
      ig: () => createFrom(integratedGradients, { rule: 'captum-trapezoid', steps: 10 }, plainServices()),
    };

    test.each(['vg', 'ig'] as const)(
      'ROAD hits equal on 97 of 100 pairs without noise (%s)',
      async (method) => {
        const explainer = await explainers[method]();
        const all = await images.images(images.ids.map((_, i) => i));
        const { values } = await explainer.explain(model, all, images.labels);
        const metric = await createFrom(road, { preset: 'quantus-0.5.3', noise: 0 }, plainServices());
        const attributions = { ...attributionsOf(values, explainer.reduction), ids: images.ids };
        const [hits] = await metric.measure({ model, images, attributions });
        const { percentages, hits: expected } = reference.road[method];
        expect(hits!.curve!.at).toEqual(percentages);
        const pairs = expected.slice(0, images.ids.length).flat();
        const equal = pairs.filter((hit, i) => hit === hits!.curve!.values.data[i]).length;
        expect(equal / pairs.length).toBeGreaterThanOrEqual(0.97);
      },
      300_000,
    );
  });
});

async function labelled({ sample_ids, labels }: Reference, ids: readonly string[]): Promise<Split> {
  return splitOf(
    await photographs(ids),
    ids.map((id) => labels[sample_ids.indexOf(id)]!),
    classNames(),
  );
}

function normalise(value: number, i: number): number {
  return (value - mean[i % 3]!) / std[i % 3]!;
}

function attributionsOf({ data, shape }: NdArray, reduction: Attributions['reduction']): Attributions {
  return {
    values: ndArray('n h w c', shape, data),
    reduction,
    ids: Array.from({ length: shape[0]! }, (_, i) => `${i}`),
    classIndex: Array(shape[0]!).fill(0),
    method: 'reference',
    diagnostics: {},
  };
}

function expectWithin(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(found.length).toBe(expected.length);
  const worst = Array.from(expected, (value, i) => Math.abs(value - found[i]!)).reduce((a, b) => Math.max(a, b), 0);
  expect(worst).toBeLessThanOrEqual(tolerance);
}
