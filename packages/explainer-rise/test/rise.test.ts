import { readFileSync } from 'node:fs';
import { createFrom, type Explanation, type Model, ndArray, plainServices, randomStream } from '@espalier/core';
import { describeExplainer, type HiddenLayer, hiddenLayer, toyModel } from '@espalier/core/testing';
import { drawnCells, maskOf, rise, weightedMasks } from '@espalier/explainer-rise';
import { probability } from '@espalier/numerics';
import { describe, expect, test } from 'vitest';

for (const preset of ['corrected', 'petsiuk-2018'])
  describeExplainer(`RISE (${preset})`, (services) =>
    createFrom(rise, { preset, masks: 12, grid: 3, imagesPerCall: 5 }, services),
  );

interface Petsiuk extends HiddenLayer {
  readonly grid: number;
  readonly probability: number;
  /** By mask. */
  readonly cells: readonly (readonly number[])[];
  readonly shifts: readonly (readonly [number, number])[];
  readonly masks: readonly (readonly number[])[];
  /** By image. */
  readonly maps: readonly (readonly number[])[];
}

/** tools/reference/rise.py: the code of its authors. */
const petsiuk: Petsiuk = JSON.parse(readFileSync(new URL('fixtures/rise.json', import.meta.url), 'utf8'));
const size = petsiuk.side ** 2;

describe('the code of its authors', () => {
  test('masks of the same cells and shifts are the same', () => {
    const square = { height: petsiuk.side, width: petsiuk.side };
    for (const [i, expected] of petsiuk.masks.entries()) {
      const [up, left] = petsiuk.shifts[i]!;
      const mask = maskOf({ kept: Uint8Array.from(petsiuk.cells[i]!), up, left }, square);
      expected.forEach((value, pixel) => {
        expect(mask[pixel]).toBeCloseTo(value, 6);
      });
    }
  });

  test.each([...petsiuk.maps.entries()])('map %i of the same masks is the same', async (n, expected) => {
    const { model, images } = hiddenLayer(petsiuk);
    const gathered = weightedMasks(size, { divideBy: 'expected', probability: petsiuk.probability });
    for (const numbers of petsiuk.masks) {
      const mask = Float32Array.from(numbers);
      const masked = images.data.slice(n * size * 3, (n + 1) * size * 3).map((value, i) => {
        const [kept, mean] = [mask[Math.floor(i / 3)]!, petsiuk.mean[i % 3]!];
        return kept * value + (1 - kept) * mean;
      });
      const { data } = await model.predict(ndArray('n h w c', [1, petsiuk.side, petsiuk.side, 3], masked));
      gathered.add(mask, probability(data, petsiuk.targets[n]!));
    }
    const { map } = gathered.map();
    expected.forEach((value, pixel) => {
      expect(Math.abs(map[pixel]! - value)).toBeLessThan(1e-5);
    });
  });
});

const images = ndArray(
  'n h w c',
  [2, 8, 8, 3],
  Float32Array.from({ length: 384 }, (_, i) => (i * 0.37) % 0.8),
);
const ids = ['a', 'b'];
const explain = async (options: object, model: Model = toyModel()): Promise<Explanation> =>
  (await createFrom(rise, options, plainServices({ pairedSeed: 3 }))).explain(model, images, [0, 1], undefined, ids);

test.each(['expected', 'drawn'] as const)('a slow twin, divided by what is %s, and its error', async (divideBy) => {
  const options = { masks: 7, grid: 3, probability: 0.3, divideBy, baseline: { name: 'black' }, imagesPerCall: 3 };
  const { values, diagnostics } = await explain(options);
  const square = { height: 8, width: 8 };
  for (const [n, id] of ids.entries()) {
    const stream = randomStream(3, 'rise', id);
    const masks = Array.from({ length: 7 }, () => maskOf(drawnCells(3, 0.3, square, stream), square));
    const answers: number[] = [];
    for (const mask of masks) {
      const masked = images.data.slice(192 * n, 192 * n + 192).map((value, i) => value * mask[Math.floor(i / 3)]!);
      answers.push(probability((await toyModel().predict(ndArray('n h w c', [1, 8, 8, 3], masked))).data, n));
    }
    const mapOf = (chosen: readonly number[]) =>
      Array.from({ length: 64 }, (_, pixel) => {
        const [weighted, shown] = [0, 1].map((power) =>
          chosen.reduce((sum, i) => sum + (power === 0 ? answers[i]! : 1) * masks[i]![pixel]!, 0),
        );
        const by = divideBy === 'expected' ? 0.3 * chosen.length : shown!;
        return by === 0 ? 0 : weighted! / by;
      });
    const whole = mapOf([0, 1, 2, 3, 4, 5, 6]);
    whole.forEach((value, pixel) => {
      expect(values.data[192 * n + 3 * pixel]).toBeCloseTo(value, 5);
    });
    const [even, odd] = [mapOf([0, 2, 4, 6]), mapOf([1, 3, 5])];
    const length = (numbers: readonly number[]) => Math.sqrt(numbers.reduce((sum, value) => sum + value ** 2, 0));
    const middle = whole.reduce((sum, value) => sum + value, 0) / 64;
    const apart = length(even.map((value, i) => value - odd[i]!)) / 2;
    expect(diagnostics.error![n]).toBeCloseTo(apart / length(whole.map((value) => value - middle)), 4);
  }
});

describe('worked by hand', () => {
  test('a model whose answer is one pixel: that pixel stands out, and more masks make the error smaller', async () => {
    // Two classes: the logit of class 1 is ten times the red of pixel (2, 5).
    const predict: Model['predict'] = async ({ data, shape }) =>
      ndArray(
        'n k',
        [shape[0]!, 2],
        Float32Array.from({ length: 2 * shape[0]! }, (_, i) => {
          return i % 2 === 0 ? 0 : 20 * data[192 * ((i - 1) / 2) + 3 * 21]! - 4;
        }),
      );
    const model = { ...toyModel(), predict };
    const of = async (masks: number) => {
      const explainer = await createFrom(rise, { masks, grid: 4, baseline: { name: 'black' } }, plainServices());
      const white = ndArray('n h w c', [1, 8, 8, 3], new Float32Array(192).fill(0.5));
      const { values, diagnostics } = await explainer.explain(model, white, [1], undefined, ['a']);
      const map = Array.from({ length: 64 }, (_, pixel) => values.data[3 * pixel]!);
      return { peak: map.indexOf(Math.max(...map)), error: diagnostics.error![0]! };
    };
    const [few, many] = [await of(40), await of(640)];
    expect([20, 21, 22, 13, 29]).toContain(many.peak);
    expect(many.error).toBeLessThan(few.error / 2); // four times as exact, by chance somewhat more or less
    expect(many.error).toBeLessThan(0.5);
  });

  test('a model that says the same of everything: its answer at every pixel, without error', async () => {
    const predict: Model['predict'] = async ({ shape }) => ndArray('n k', [shape[0]!, 4]);
    const { values, diagnostics } = await explain({ masks: 64, grid: 2 }, { ...toyModel(), predict });
    expect(values.data[0]).toBeCloseTo(0.25, 6);
    expect(values.data[3 * 40]).toBeCloseTo(0.25, 6);
    expect(diagnostics.error).toEqual([0, 0]);
  });
});

test('masks let through as much as asked, and reach every part of an image that is not square', () => {
  const stream = randomStream(1, 'masks');
  const sums = new Float64Array(6 * 11);
  for (let i = 0; i < 600; i++)
    maskOf(drawnCells(4, 0.25, { height: 6, width: 11 }, stream), { height: 6, width: 11 }).forEach((value, pixel) => {
      expect(value >= 0 && value <= 1).toBe(true);
      sums[pixel]! += value / 600;
    });
  for (const mean of sums) expect(Math.abs(mean - 0.25)).toBeLessThan(0.08); // four standard errors of 0.43 / sqrt(600)
});

test('how many masked images are asked about at once changes nothing', async () => {
  const of = (imagesPerCall: number) => explain({ masks: 9, imagesPerCall });
  expect(await of(2)).toEqual(await of(256));
});

test('a plan is told how many images go through the network', () => {
  const known = { folder: '.', images: { height: 8, width: 8, classes: ['a', 'b'], mostPerClass: [3, 2] } };
  expect(rise.passes!(rise.options.parse({}), known)).toEqual({ forward: 5000 });
  expect(rise.passes!(rise.options.parse({ preset: 'petsiuk-2018' }), known)).toEqual({ forward: 40_000 });
});

describe('refuses', () => {
  test('images without ids, by which masks are drawn', async () => {
    const explainer = await createFrom(rise, {}, plainServices());
    await expect(explainer.explain(toyModel(), images, [0, 1])).rejects.toThrow(
      'expected 2 ids, one per image, found none',
    );
  });

  test('one cell, and masks that keep all or nothing', async () => {
    await expect(createFrom(rise, { grid: 1 }, plainServices())).rejects.toThrow('grid');
    await expect(createFrom(rise, { probability: 1 }, plainServices())).rejects.toThrow('probability');
  });

  test('to go on when the host says stop', async () => {
    const services = plainServices({ signal: AbortSignal.abort(new Error('enough')) });
    const explainer = await createFrom(rise, { masks: 4 }, services);
    await expect(explainer.explain(toyModel(), images, [0, 1], undefined, ids)).rejects.toThrow('enough');
  });
});
