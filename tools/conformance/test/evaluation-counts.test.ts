import { expect, test } from 'vitest';
import { countsOf } from '../../bench/src/evaluation/evaluation.ts';
import { evaluatedModel, generatedImages } from '../../bench/src/evaluation/task.ts';

// What is asked of a model costs the same on every machine. Who makes a number larger, should know; who makes one smaller, writes it here.
test('evaluating two images asks a model so often, and no more', async () => {
  const images = await generatedImages(2, 32);
  const task = { images, label: 0, classes: 3, weights: null };
  using model = await evaluatedModel(task, { engine: 'wasm', inference: 'exact', training: 'exact' }, 1);
  expect(await countsOf(model, task)).toEqual({
    vg: { inputGradient: 2 },
    ig: { inputGradient: 2 * 50, predict: 2 * 2 },
    gini: {},
    'road-vg': { predict: 2 * 10 },
    'road-ig': { predict: 2 * 10 },
    craft: { activations: 2 * (16 + 1), classify: 2 * (10 + 1) },
  });
});
