import { createFrom, ndArray, plainServices } from '@espalier/core';
import { describeMetric, splitOf, toyModel, toySplit } from '@espalier/core/testing';
import { accuracy, crossEntropy, predictions } from '@espalier/metrics';
import { argmax, crossEntropy as crossEntropyOf, probability } from '@espalier/numerics';
import { expect, test } from 'vitest';

describeMetric('accuracy', () => createFrom(accuracy, {}, plainServices()));
describeMetric('cross-entropy', () => createFrom(crossEntropy, {}, plainServices()));
describeMetric('predictions', () => createFrom(predictions, {}, plainServices()));

test('predictions scores what accuracy and cross-entropy score, from one prediction of every image', async () => {
  const images = toySplit(70);
  const model = toyModel(3);
  let predicted = 0;
  const counting = {
    ...model,
    predict: async (batch: Parameters<typeof model.predict>[0]) => {
      predicted += batch.shape[0]!;
      return model.predict(batch);
    },
  };
  const of = async (plugin: typeof accuracy) =>
    (await createFrom(plugin, {}, plainServices())).measure({ model, images });
  const both = await (await createFrom(predictions, {}, plainServices())).measure({ model: counting, images });
  expect(both).toEqual([...(await of(accuracy)), ...(await of(crossEntropy))]);
  expect(predicted).toBe(70);
});

test('equal logits go to the lower index', () => {
  expect([argmax([1, 3, 3]), argmax([2, 2]), argmax([-1])]).toEqual([1, 0, 0]);
});

test('cross-entropy, worked by hand, and for logits whose exponentials overflow', () => {
  expect(crossEntropyOf([0, Math.log(3)], 0)).toBeCloseTo(Math.log(4), 14);
  expect(crossEntropyOf([0, 0, 0, 0], 2)).toBeCloseTo(Math.log(4), 14);
  expect(crossEntropyOf([5000, 0], 0)).toBe(0);
  expect(crossEntropyOf([5000, 0], 1)).toBe(5000);
  expect(probability([0, Math.log(3)], 1)).toBeCloseTo(0.75, 14);
});

// torch 2.13: torch.nn.functional.cross_entropy(torch.tensor([[1., -2., .5]], dtype=torch.float64), torch.tensor([2]))
test('cross-entropy as torch computes it', () => {
  expect(crossEntropyOf([1, -2, 0.5], 2)).toBeCloseTo(1.0045969023422834, 14);
});

test('more images than are loaded at once keep their order', async () => {
  const images = toySplit(150);
  const [scores] = await (await createFrom(accuracy, {}, plainServices())).measure({ model: toyModel(3), images });
  const logits = await toyModel(3).predict(await images.images(images.ids.map((_, i) => i)));
  const rowsOf = images.labels.map((_, i) => logits.data.subarray(3 * i, 3 * i + 3));
  const hits = images.labels.map((label, i) => Number(argmax(rowsOf[i]!) === label));
  expect(scores?.values).toEqual(hits);
  expect(scores?.answers?.classes).toEqual(rowsOf.map(argmax));
  for (const [i, found] of scores!.answers!.probabilities.entries()) {
    const shares = [...rowsOf[i]!].map(Math.exp);
    expect(found).toBeCloseTo(Math.max(...shares) / shares.reduce((sum, share) => sum + share, 0), 12);
  }
  expect(new Set(hits).size).toBe(2);
});

test('progress counts images, and a signal stops the work', async () => {
  const steps: number[] = [];
  const services = plainServices({ progress: ({ done }) => steps.push(done) });
  await (await createFrom(accuracy, {}, services)).measure({ model: toyModel(), images: toySplit(130) });
  expect(steps).toEqual([64, 128, 130]);
  const stopped = plainServices({ signal: AbortSignal.abort(new Error('stop')) });
  const metric = await createFrom(accuracy, {}, stopped);
  await expect(metric.measure({ model: toyModel(), images: toySplit() })).rejects.toThrow('stop');
});

test('a missing input and a prediction that is not finite are errors', async () => {
  const metric = await createFrom(accuracy, {}, plainServices());
  await expect(metric.measure({ model: toyModel() })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[StudyError: The metric "accuracy" needs "images"; found "model". Hand it over: in a study, connect it in the node's "in".]`,
  );
  const images = splitOf(ndArray('n h w c', [1, 8, 8, 3], new Float32Array(192).fill(Number.NaN)), [0], ['one']);
  const broken = { ...toyModel(), predict: async () => ndArray('n k', [1, 2], Float32Array.of(0, Number.NaN)) };
  await expect(metric.measure({ model: broken, images })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[StudyError: the logits of "toy/0": expected finite numbers, found NaN at index 1 of 2.]`,
  );
});
