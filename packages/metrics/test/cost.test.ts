import { createFrom, type Model, plainServices } from '@espalier/core';
import { describeMetric, toyModel, toySplit } from '@espalier/core/testing';
import { cost, speed } from '@espalier/metrics';
import { expect, test, vi } from 'vitest';
import { timedInTurns } from '../src/cost/timed-in-turns.ts';

describeMetric('cost', () => createFrom(cost, {}, plainServices()));
describeMetric('speed', () => createFrom(speed, { images: 2, rounds: 1 }, plainServices()));

/** The toy model, which says that it is a smaller one when it is compacted. */
const shrinking: Model = { ...toyModel(), compacted: async () => toyModel(0, { features: 2 }) };

test('parameters and products as stored, not zero and compacted, worked by hand', async () => {
  const mask = Uint8Array.from({ length: 15 }, (_, i) => Number(i >= 6));
  const masked = await toyModel().masked(new Map([['fc.weight', mask]]));
  const metric = await createFrom(cost, {}, plainServices());
  const scores = await metric.measure({ model: { ...masked, compacted: shrinking.compacted } });
  // A 2 x 2 x 3 kernel with 5 outputs at 4 x 4 places, 5 biases, 3 rows of 5 once; compacted with 2 outputs.
  expect(scores.map(({ metric: name, values }) => [name, ...values])).toEqual([
    ['parameter-count', 60 + 5 + 15],
    ['multiply-accumulates', 60 * 16 + 15],
    ['parameter-count-compacted', 24 + 2 + 6],
    ['multiply-accumulates-compacted', 24 * 16 + 6],
    ['parameter-count-nonzero', 60 + 5 + 9],
    ['multiply-accumulates-nonzero', 60 * 16 + 9],
  ]);
  expect(scores.every(({ isTiming }) => isTiming === undefined)).toBe(true);
});

test('products of values count, of which masks remove none', async () => {
  const model = {
    ...toyModel(),
    multiplyAccumulates: () => ({ perWeight: new Map([['fc.weight', 7]]), ofValues: 11 }),
  };
  const metric = await createFrom(cost, {}, plainServices());
  const [, stored, , , , nonzero] = await metric.measure({ model });
  expect([stored?.values, nonzero?.values]).toEqual([[15 * 7 + 11], [15 * 7 + 11]]);
});

test('networks take turns, first the one and then the other one first, after a turn each that is not measured', async () => {
  let [time, calls] = [0, ''];
  const work = (name: string, ms: number) => async () => {
    calls += name;
    time += ms;
  };
  const times = await timedInTurns([work('a', 3), work('b', 5)], 3, () => time);
  expect(calls).toBe('ab' + 'ab' + 'ba' + 'ab');
  expect(times).toEqual(Array(3).fill([3, 5]));
});

test('images per second are the median of the rounds, and so is what compacting gains', async () => {
  let time = 0;
  using clock = vi.spyOn(performance, 'now').mockImplementation(() => time);
  const taking = (model: Model, ...ms: readonly number[]): Model => {
    let turn = 0;
    return {
      ...model,
      predict: (images) => {
        time += ms[turn++]!;
        return model.predict(images);
      },
    };
  };
  const compacted = taking(toyModel(), 1000, 10, 20, 80);
  const model = { ...taking(toyModel(), 1000, 40, 40, 400), compacted: async () => compacted };
  const metric = await createFrom(speed, { images: 4, rounds: 3 }, plainServices());
  const scores = await metric.measure({ model, images: toySplit(6) });
  expect(clock).toHaveBeenCalled();
  expect(scores.map(({ values }) => values[0])).toEqual([100, 200, 4]);
  expect(scores.every(({ isTiming, sample }) => isTiming && sample === 'network')).toBe(true);
});

test('a split with fewer images than are asked for gives all it has', async () => {
  const seen: number[] = [];
  const watched: Model = {
    ...toyModel(),
    predict: (images) => {
      seen.push(images.shape[0]!);
      return toyModel().predict(images);
    },
  };
  const metric = await createFrom(speed, { rounds: 1 }, plainServices());
  await metric.measure({ model: { ...watched, compacted: async () => watched }, images: toySplit(3) });
  expect(seen).toEqual([3, 3, 3, 3]);
});
