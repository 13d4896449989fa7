import { expect } from 'vitest';
import { rows } from '../array.ts';
import { expectClose, expectSlope, held, inTurn, lossSlopes, meanCrossEntropy, norm } from './law-expectations.ts';
import { firstAndLastOfEachRole, images, kernelOf } from './law-inputs.ts';
import type { ModelMaker } from './model-maker.ts';

/** What every model promises of its gradients by activations and parameters. */
export const gradientLaws = {
  async 'has gradients of activations that are the slopes of the logit'({ create }) {
    using model = held(await create());
    const batch = images(model, 2);
    const labels = [0, 1];
    for (const { name } of model.layers.filter(({ isStage, isComplete }) => isStage && isComplete)) {
      const activations = await model.activations(batch, name);
      const gradient = await model.activationGradient(batch, name, labels);
      const length = norm(gradient.data);
      const logitsAt = async (step: number) => {
        const data = activations.data.map((value, i) => value + (step * gradient.data[i]!) / length);
        const logits = await model.classify({ ...activations, data }, name);
        return labels.reduce((sum, k, n) => sum + logits.data[n * model.classes.length + k]!, 0);
      };
      await expectSlope(logitsAt, length, `"${name}"`);
    }
  },

  async 'has gradients of parameters that are the slopes of the loss'({ create }) {
    using model = held(await create());
    const batch = images(model, 3);
    const labels = [0, 1, 0];
    const weights = await model.weights();
    const gradients = await model.parameterGradient(batch, labels);
    expect([...gradients.keys()]).toEqual(
      model.parameters.filter(({ role }) => role !== 'statistic').map(({ name }) => name),
    );
    for (const name of firstAndLastOfEachRole(model)) {
      const gradient = gradients.get(name)!;
      const length = norm(gradient.data);
      if (length < 1e-6) continue;
      const lossAt = async (step: number) => {
        const array = weights.get(name)!;
        const data = array.data.map((value, i) => value + (step * gradient.data[i]!) / length);
        using moved = await model.withWeights(new Map(weights).set(name, { ...array, data }));
        return meanCrossEntropy(await moved.predict(batch), labels);
      };
      await expectSlope(lossAt, length, `"${name}"`);
    }
    const slopes = lossSlopes(await model.predict(batch), labels);
    const ofLogits = await model.parameterGradient(batch, slopes);
    for (const [name, gradient] of gradients) expectClose(ofLogits.get(name)!, gradient);
  },

  async 'has mean squares of what its kernels are multiplied with, over images'({ create }) {
    using model = held(await create());
    const batch = images(model, 3);
    const each = await inTurn([0, 1, 2], (i) => model.inputSquares(rows(batch, i, i + 1)));
    const squares = await model.inputSquares(batch);
    for (const [name, array] of squares) {
      expect(
        array.data.every((value) => value >= 0),
        `none below 0 of "${name}"`,
      ).toBe(true);
      const mean = array.data.map((_, i) => each.reduce((sum, one) => sum + one.get(name)!.data[i]! / 3, 0));
      expectClose(array, { ...array, data: mean });
    }
    expect(
      squares.get(kernelOf(model).name)!.data.some((value) => value > 0),
      'some above 0',
    ).toBe(true);
  },
} satisfies Readonly<Record<string, (maker: ModelMaker) => Promise<void>>>;
