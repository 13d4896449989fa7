import { readFileSync } from 'node:fs';
import {
  createFrom,
  type Given,
  type Model,
  type NdArray,
  ndArray,
  plainServices,
  randomStream,
  rows,
} from '@espalier/core';
import { describeMetric, splitOf, toyInputs, toyModel, toySplit } from '@espalier/core/testing';
import { agreement, centredProduct, cka, divergences, gramOf } from '@espalier/metrics-similarity';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

for (const plugin of [agreement, cka] as const)
  describeMetric(plugin.name, async () => {
    const metric = await metricOf(plugin.name);
    return { measure: (inputs) => metric.measure(inputs, { ...inputs, model: toyModel(8) }) };
  });

function metricOf(name: string, options: object = {}) {
  return name === 'cka' ? createFrom(cka, options, plainServices()) : createFrom(agreement, options, plainServices());
}

const inputs: Given<'model' | 'images'> = toyInputs();
const measure = async (name: string, model: Model, before: Model, options: object = {}, images = inputs.images) =>
  (await metricOf(name, options)).measure({ model, images }, { model: before, images });

describe('agreement with the dense model', () => {
  test('a model agrees with itself, and nothing is between them', async () => {
    const [agree, js, kl] = await measure('agreement', toyModel(3), toyModel(3));
    expect([agree!.values, kl!.values]).toEqual([Array(6).fill(1), Array(6).fill(0)]);
    expect(Math.max(...js!.values)).toBeLessThan(1e-15);
  });

  test('by hand: one image of two has another class', async () => {
    const answering = (logits: readonly number[]): Model => ({
      ...toyModel(3),
      predict: async () => ndArray('n k', [2, 3], Float32Array.from(logits)),
    });
    const images = toySplit(2);
    const [before, after] = [
      [Math.log(2), 0, 0, 0, 5, 0],
      [0, Math.log(2), 0, 0, 4, 0],
    ];
    const [agree, js, kl] = await measure('agreement', answering(after), answering(before), {}, images);
    expect(agree!.values).toEqual([0, 1]);
    // p = 1/2, 1/4, 1/4 beside q = 1/4, 1/2, 1/4.
    expect(kl!.values[0]).toBeCloseTo(0.5 * Math.log(2) + 0.25 * Math.log(0.5), 6);
    expect(js!.values[0]).toBeCloseTo(0.5 * Math.log(4 / 3) + 0.25 * Math.log(2 / 3), 6);
  });

  test('divergences of any logits, slowly', () => {
    const logits = fc.array(fc.constantFrom(0, 1, -1, 3.5, 40, -200, 1e4, -1e30), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(logits, fc.nat(), (before, by) => {
        const after = before.map((_, i) => before[(i + by) % before.length]!);
        const { kl, js } = divergences(before, after);
        const softmax = (of: readonly number[]) => {
          const all = of.map((value) => Math.exp(value - Math.max(...of)));
          const sum = all.reduce((a, b) => a + b);
          return all.map((value) => value / sum);
        };
        const [p, q] = [softmax(before), softmax(after)];
        const against = (a: readonly number[], b: readonly number[]) =>
          a.reduce((sum, value, i) => sum + (value === 0 ? 0 : value * Math.log(value / b[i]!)), 0);
        const middle = p.map((value, i) => (value + q[i]!) / 2);
        expect(js).toBeCloseTo((against(p, middle) + against(q, middle)) / 2, 10);
        if (q.every((value) => value > 0)) expect(kl).toBeCloseTo(against(p, q), 8);
        expect(Number.isFinite(kl)).toBe(true);
      }),
      { seed: 3 },
    );
  });
});

interface PytorchCka {
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly shapes: readonly [readonly number[], readonly number[]];
  readonly parts: readonly (readonly [number, number])[];
  /** By part: of both, of `before` with itself, of `after` with itself. */
  readonly products: readonly (readonly [number, number, number])[];
  readonly cka: number;
}

/** tools/reference/aligned-features.py: pytorch-cka 1.1.3, in double precision. */
const reference: PytorchCka = JSON.parse(readFileSync(new URL('fixtures/pytorch-cka.json', import.meta.url), 'utf8'));

/** The model whose layer gives each image what stands in `features`, by the number that its first pixel holds. */
function giving(features: readonly number[], shape: readonly number[]): Model {
  const all = ndArray('n h w d', [shape[0]!, 1, 1, shape[1]!], Float32Array.from(features));
  const activations = async (images: NdArray<'n h w c'>) => {
    const size = images.data.length / images.shape[0]!;
    const numbers = Array.from({ length: images.shape[0]! }, (_, n) => Math.round(images.data[n * size]! * 1000));
    const data = Float32Array.from(numbers.flatMap((n) => [...rows(all, n, n + 1).data]));
    return ndArray('n h w d', [numbers.length, 1, 1, shape[1]!], data);
  };
  return { ...toyModel(3), activations };
}

function numbered(count: number) {
  const images = ndArray('n h w c', [count, 2, 2, 3]);
  for (let n = 0; n < count; n++) images.data.fill(n / 1000, n * 12, n * 12 + 12);
  return splitOf(images, Array(count).fill(0), ['a', 'b', 'c']);
}

describe('CKA', () => {
  test('pytorch-cka 1.1.3: the products of every part', () => {
    const [before, after] = [reference.before, reference.after].map((data, i) =>
      ndArray('n d', reference.shapes[i]!, Float32Array.from(data)),
    ) as [NdArray, NdArray];
    for (const [part, [start, end]] of reference.parts.entries()) {
      const [a, b] = [gramOf(rows(before, start, end)), gramOf(rows(after, start, end))];
      const found = [centredProduct(a, b), centredProduct(a, a), centredProduct(b, b)];
      for (const [i, value] of found.entries()) expect(value / reference.products[part]![i]!).toBeCloseTo(1, 5);
    }
  });

  test('pytorch-cka 1.1.3: the whole, of images that fit in one part', async () => {
    const [before, after] = [
      giving(reference.before, reference.shapes[0]),
      giving(reference.after, reference.shapes[1]),
    ];
    const images = numbered(reference.shapes[0][0]!);
    const [score] = await measure('cka', after, before, {}, images);
    expect(score!.values[0]).toBeCloseTo(reference.cka, 5);
    expect(score!.curve).toMatchObject({ names: ['features'] });
  });

  test('a network is like itself, and like any rotation, shift and scale of its features', async () => {
    const { before, shapes } = reference;
    const [count, size] = shapes[0] as [number, number];
    const turned = before.map((_, at) => {
      const [n, d] = [Math.floor(at / size), at % size];
      return 3 * before[n * size + ((d + 1) % size)]! * (d % 2 === 0 ? -1 : 1) + 7;
    });
    const images = numbered(count);
    const itself = await measure('cka', giving(before, shapes[0]), giving(before, shapes[0]), { batch: 8 }, images);
    expect(itself[0]!.values[0]).toBeCloseTo(1, 10);
    const other = await measure('cka', giving(turned, shapes[0]), giving(before, shapes[0]), { batch: 8 }, images);
    expect(other[0]!.values[0]).toBeCloseTo(1, 5);
  });

  test('few images that have nothing to do with each other are not taken for alike', async () => {
    const many = 48;
    const noise = (seed: number) => {
      const stream = randomStream(seed, 'features');
      return Array.from({ length: many * 40 }, () => stream.normal());
    };
    const shape = [many, 40];
    const [score] = await measure(
      'cka',
      giving(noise(1), shape),
      giving(noise(2), shape),
      { batch: 16 },
      numbered(many),
    );
    expect(Math.abs(score!.values[0]!)).toBeLessThan(0.2); // the biased estimate gives 0.6
  });

  test('fewer than four images, and a layer that is the same for all, have no value or none in common', async () => {
    const { before, shapes } = reference;
    const whole = giving(before, shapes[0]);
    const still = giving(
      before.map(() => 1),
      shapes[0],
    );
    const scoreFor = async (after: Model, of: Model, count: number) => {
      const [score] = await measure('cka', after, of, {}, numbered(count));
      return score!.omitted?.[0] ?? score!.values;
    };
    expect(await scoreFor(whole, whole, 3)).toEqual({ reason: 'fewer than four images', ids: ['network'] });
    expect(await scoreFor(whole, still, 9)).toEqual({
      reason: 'a layer of the baseline is the same for all images',
      ids: ['network'],
    });
    expect(await scoreFor(still, whole, 9)).toEqual([0]);
  });
});

test('what cannot be compared is refused', async () => {
  const { model, images } = inputs;
  const measured = async (name: string, baseline: typeof inputs | undefined, options: object = {}) =>
    (await metricOf(name, options)).measure(inputs, baseline);
  await expect(measured('cka', undefined)).rejects.toThrowErrorMatchingInlineSnapshot(
    `[StudyError: The metric "cka" compares with the model at the node's baseline; found none. Give the node a "baseline", such as { "axis": "sparsity", "at": 0 }.]`,
  );
  await expect(measured('agreement', { model, images: toySplit(5) })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[StudyError: The metric "agreement" compares two models on the same images, but the split "toy" differs from that at the baseline. Connect models of the same classes, and one split for all of them.]`,
  );
  const fewer = { model: toyModel(1, { classes: 2 }), images };
  await expect(measured('agreement', fewer)).rejects.toThrowErrorMatchingInlineSnapshot(
    `[StudyError: The metric "agreement" compares two models on the same classes, found 3 beside 2. Connect models of the same classes, and one split for all of them.]`,
  );
  await expect(measured('cka', inputs, { layers: ['feature'] })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[StudyError: Expected a layer of the model, one of "features"; found "feature".]`,
  );
});
