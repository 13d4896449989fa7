import { expect } from 'vitest';
import type { Checkpoint } from '../networks/model.ts';
import { batches, everyNth, kernelOf, options } from './law-inputs.ts';
import type { ModelMaker } from './model-maker.ts';

/** What every model promises of its training: part of `modelLaws`. */
export const trainingLaws: Readonly<Record<string, (maker: ModelMaker) => Promise<void>>> = {
  async 'trains to a new model and stays as it was'({ create }) {
    using model = await create();
    const before = await model.weights();
    using trained = await model.train(batches(model), options());
    expect(await model.weights()).toEqual(before);
    expect(model.history).toEqual([]);
    expect(await trained.weights()).not.toEqual(before);
    expect(trained.history.length).toBe(2);
  },

  async 'holds its masks through training'({ create }) {
    using model = await create();
    using masked = await model.masked(everyNth(model, 2));
    using trained = await masked.train(batches(model), options({ decayAll: true }));
    const values = (await trained.weights()).get(kernelOf(model).name)!.data;
    expect(values.filter((value, i) => i % 2 === 0 && value !== 0).length, 'removed weights that came back').toBe(0);
    expect(
      values.some((value, i) => i % 2 === 1 && value !== 0),
      'kept weights',
    ).toBe(true);
  },

  async 'resumes from a checkpoint as if it had never stopped'({ create }) {
    using model = await create();
    const checkpoints: Checkpoint[] = [];
    using whole = await model.train(batches(model), options(), {
      onEpoch: (checkpoint) => {
        checkpoints.push(checkpoint);
      },
    });
    expect(checkpoints.map(({ epoch }) => epoch)).toEqual([1, 2]);
    using again = await create();
    using resumed = await again.train(batches(model), options(), { resume: checkpoints[0]! });
    expect(await resumed.weights()).toEqual(await whole.weights());
    expect(resumed.history).toEqual(whole.history);
  },
};
