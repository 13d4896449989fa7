import { type Attributions, createFrom, type Model, ndArray, plainServices, type Split } from '@espalier/core';
import { describeMetric, splitOf, toyModel, toySplit } from '@espalier/core/testing';
import { road } from '@espalier/metrics';
import { argmax } from '@espalier/numerics';
import { expect, test } from 'vitest';

describeMetric('road', () => createFrom(road, {}, plainServices()));
describeMetric('road (quantus-0.5.3, predicted class)', () =>
  createFrom(road, { preset: 'quantus-0.5.3', target: 'prediction' }, plainServices()),
);
describeMetric('road (least relevant first, too)', () =>
  createFrom(road, { orders: 'both', percentages: [0, 50] }, plainServices()),
);

test('hits and area, worked by hand', async () => {
  // The class is 1 while pixel 3 is bright; its neighbours are dark, so it is lost when it is removed, first of all.
  const images = dots([0.9], [1]);
  const [hits, probabilities] = await measure(images, [0, 0, 0, 5, 1, 0, 0, 0, 0, 0], { noise: 0 });
  expect(hits).toMatchObject({ metric: 'road-aopc', direction: 'higher-is-better', range: [-0.9, 0.9] });
  expect(hits?.curve?.at).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
  expect([...hits!.curve!.values.data]).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  expect(hits?.values).toEqual([0.9]);
  expect(probabilities?.metric).toBe('road-probability-aopc');
  // Logits are 0 and 10 (0.9 - 0.5) = 4 before, 10 (0 - 0.5) = -5 after.
  const [before, after] = [1 / (1 + Math.exp(-4)), 1 / (1 + Math.exp(5))];
  expect(probabilities?.values[0]).toBeCloseTo(0.9 * (before - after), 5);
});

test('quantus-0.5.3 starts at 1 % and divides by one more than its levels', async () => {
  const [hits] = await measure(dots([0.9], [1]), [0, 0, 0, 5, 1, 0, 0, 0, 0, 0], { preset: 'quantus-0.5.3', noise: 0 });
  expect(hits?.curve?.at[0]).toBe(1); // int(10 x 0.01) = 0 pixels
  expect(hits?.values[0]).toBeCloseTo(9 / 11, 12);
});

test('comes with the area from the first removed level', async () => {
  const map = [0, 0, 0, 1, 5, 0, 0, 0, 0, 0]; // the bright pixel goes second, between 10 and 20 %
  const [hits] = await measure(dots([0.9], [1]), map, { noise: 0 });
  expect([...hits!.curve!.values.data]).toEqual([1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  expect(hits?.values[0]).toBeCloseTo(8 / 10, 12);
  const [other, ...more] = hits!.definitions!;
  expect([other!.settings, more]).toEqual([{ origin: 'first-level' }, []]);
  expect(other!.values[0]).toBeCloseTo(8 / 10, 12); // nine levels left, one more in the divisor
  const [quantus] = await measure(dots([0.9], [1]), map, { preset: 'quantus-0.5.3' });
  expect(quantus?.definitions).toEqual([]);
});

test('tells how far it is twice for each image and order: with its pixels removed, and when the model has seen it', async () => {
  const told: (readonly number[])[] = [];
  const services = plainServices({ progress: ({ done, total }) => told.push([done, total]) });
  const images = dots([0.9, 0.1], [1, 0]);
  const attributions = attributionsOf(images, [0, 0, 0, 5, 1, 0, 0, 0, 0, 0]);
  const metric = await createFrom(road, { orders: 'morf' }, services);
  await metric.measure({ model: dotModel(), images, attributions });
  expect(told).toEqual([
    [0.5, 2],
    [1, 2],
    [1.5, 2],
    [2, 2],
  ]);
});

test('the target is the true class or the predicted one', async () => {
  const images = dots([0.9], [0]); // labelled 0, predicted 1
  const map = [0, 0, 0, 5, 1, 0, 0, 0, 0, 0];
  expect((await measure(images, map, { noise: 0 }))[0]?.values).toEqual([-0.9]);
  expect((await measure(images, map, { noise: 0, target: 'prediction' }))[0]?.values).toEqual([0.9]);
  const late = await measure(images, map, { noise: 0, target: 'prediction', preset: 'quantus-0.5.3' });
  expect(late[0]?.curve?.values.shape).toEqual([1, 10]); // the unmodified image was asked about, and is not a level
});

test('signed maps are ranked signed, and another reduction may be asked for', async () => {
  const images = dots([0.9], [1]);
  const map = [0, 0, 0, -5, 1, 0, 0, 0, 0, 0];
  const change = { noise: 0, percentages: [0, 10] };
  expect((await measure(images, map, change))[0]?.values).toEqual([0]);
  expect((await measure(images, map, { ...change, reduction: 'sum-abs' }))[0]?.values).toEqual([0.5]);
});

test('noise has its standard deviation in the space that the preset names', async () => {
  const seen = async (options: object) => {
    const model = { ...dotModel(), input: { ...dotModel().input, std: [0.2, 0.4, 0.5] } };
    let deviations: number[] = [];
    const spy: Model = {
      ...model,
      predict: async (images) => {
        // All pixels are equal, so what differs from them is noise.
        const noise = images.data.slice(-3 * 4000).filter((value) => value !== 0.5);
        deviations = [0, 1, 2].map((c) => {
          const values = noise.filter((_, i) => i % 3 === c);
          return Math.sqrt(values.reduce((sum, value) => sum + (value - 0.5) ** 2, 0) / values.length);
        });
        return ndArray('n k', [images.shape[0]!, 2]);
      },
    };
    const flat = splitOf(ndArray('n h w c', [1, 40, 100, 3], new Float32Array(12000).fill(0.5)), [0], ['a', 'b']);
    const metric = await createFrom(road, options, plainServices());
    await metric.measure({ model: spy, images: flat, attributions: attributionsOf(flat, Array(4000).fill(1)) });
    return deviations;
  };
  const close = (found: number[], expected: number[]) => {
    found.forEach((deviation, c) => {
      expect(Math.abs(deviation / expected[c]! - 1)).toBeLessThan(0.05); // 3,600 draws: 1.2 % standard error
    });
  };
  close(await seen({}), [0.01, 0.01, 0.01]);
  close(await seen({ preset: 'quantus-0.5.3' }), [0.002, 0.004, 0.005]);
});

test('two images that are equal but for their ids get different noise', async () => {
  const flat = splitOf(ndArray('n h w c', [2, 2, 5, 3], new Float32Array(60).fill(0.5)), [0, 0], ['a', 'b']);
  const seen: number[][] = [];
  const spy: Model = {
    ...dotModel(),
    predict: async (images) => {
      seen.push([...images.data]);
      return dotModel().predict(images);
    },
  };
  const attributions = attributionsOf(flat, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
  const metric = await createFrom(road, { orders: 'morf' }, plainServices());
  await metric.measure({ model: spy, images: flat, attributions });
  expect(seen).toHaveLength(2);
  expect(seen[0]!.slice(0, 30)).toEqual(seen[1]!.slice(0, 30)); // 0 %: nothing was removed
  expect(seen[0]!.slice(30)).not.toEqual(seen[1]!.slice(30));
});

test('what does not fit together is refused', async () => {
  const images = dots([0.9], [1]);
  await expect(measure(images, Array(10).fill(0), { percentages: [5, 10] })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[StudyError: ROAD measures from the unmodified image, so its percentages start with 0; found 5, 10. Add 0, or set "origin" to "first-level".]`,
  );
  await expect(createFrom(road, { percentages: [0, 100] }, plainServices())).rejects.toThrow(/<100/);
  await expect(createFrom(road, { percentages: [0, 20, 10] }, plainServices())).rejects.toThrow(
    /percentages must rise/,
  );
  const metric = await createFrom(road, {}, plainServices());
  const attributions = attributionsOf(images, Array(10).fill(0));
  await expect(
    metric.measure({ model: dotModel(), images, attributions: { ...attributions, ids: ['elsewhere'] } }),
  ).rejects.toThrowErrorMatchingInlineSnapshot(
    `[StudyError: The metric "road" needs the images that were explained; the split "toy" has no "elsewhere". Connect the same split to the explainer and to the metric.]`,
  );
  const small = { ...attributions, values: ndArray('n h w c', [1, 2, 2, 1]) };
  await expect(metric.measure({ model: dotModel(), images, attributions: small })).rejects.toThrow(
    /expected the shape \[1, 2, 5\]/,
  );
});

test('a toy model: hits at 0 % are its accuracy', async () => {
  const images = toySplit(12);
  const model = toyModel(3);
  const attributions = attributionsOf(images, Array(64).fill(0));
  const [hits] = await (await createFrom(road, {}, plainServices())).measure({ model, images, attributions });
  const logits = await model.predict(await images.images(images.ids.map((_, i) => i)));
  images.labels.forEach((label, i) => {
    expect(hits!.curve!.values.data[10 * i]).toBe(Number(argmax(logits.data.subarray(3 * i, 3 * i + 3)) === label));
  });
});

/** 2 x 5 black images with a grey pixel 3. */
function dots(brightness: readonly number[], labels: readonly number[]): Split {
  const images = ndArray('n h w c', [brightness.length, 2, 5, 3]);
  brightness.forEach((value, n) => {
    images.data.fill(value, n * 30 + 9, n * 30 + 12);
  });
  return splitOf(images, labels, ['dark', 'bright']);
}

/** Predicts class 1 when the red value of pixel 3 is above a half. */
function dotModel(): Model {
  return {
    ...toyModel(),
    predict: async ({ data, shape }) =>
      ndArray(
        'n k',
        [shape[0]!, 2],
        Float32Array.from({ length: 2 * shape[0]! }, (_, i) =>
          i % 2 === 0 ? 0 : 10 * (data[15 * (i - 1) + 9]! - 0.5),
        ),
      ),
  };
}

async function measure(images: Split, map: readonly number[], options: object) {
  const metric = await createFrom(road, options, plainServices());
  return metric.measure({ model: dotModel(), images, attributions: attributionsOf(images, map) });
}

/** The same one-channel map for every image. */
function attributionsOf(images: Split, map: readonly number[]): Attributions {
  return {
    values: ndArray(
      'n h w c',
      [images.ids.length, images.height, images.width, 1],
      Float32Array.from(images.ids.flatMap(() => map)),
    ),
    reduction: 'sum',
    ids: images.ids,
    classIndex: images.labels,
    method: 'toy/map',
    diagnostics: {},
  };
}
