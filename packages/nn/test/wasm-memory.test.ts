import { expect, it } from 'vitest';
import { freshWasm } from '../../engine/test/support/index.ts';
import { normalised } from '../src/inputs/normalise.ts';
import { crossEntropy } from '../src/training/cross-entropy.ts';
import { TrainingNetwork } from '../src/training/training-network.ts';
import { smallEvaluation } from './small-evaluation.ts';
import { smallImages, smallInput, smallNetwork, smallWeights } from './small-network.ts';

const labels = [2, 0, 1];
const images = smallImages(labels.length);
const x = normalised(images.data, smallInput);

it('keeps the memory flat over many steps of training and explaining', async () => {
  const { ops, usage } = await freshWasm();
  using trained = new TrainingNetwork(ops, smallNetwork, smallWeights(), 'float32');
  using explained = smallEvaluation(ops);
  const form = explained.formWith();
  const differentiate = (logits: Float32Array) => crossEntropy(logits, labels, 0).gradient;
  const step = () =>
    ops.scope(() => {
      const input = ops.upload(x, images.shape);
      trained.pass(input, differentiate, (_, weight, gradient) => {
        const velocity = ops.variable(new Float32Array(ops.download(gradient).length), weight.shape);
        const rule = { learningRate: 0.01, momentum: 0.9, nesterov: false, weightDecay: 0 };
        ops.applySgd(weight, velocity, gradient, rule);
        ops.release(velocity);
      });
      form.gradient(input, ops.upload(new Float32Array(9).fill(1), [3, 3]));
    });
  step();
  const { live } = ops;
  const before = usage();
  for (let i = 0; i < 50; i++) step();
  expect(ops.live).toBe(live);
  expect(usage()).toEqual(before);
});

it('gives all memory back when everything is released', async () => {
  const { ops, usage } = await freshWasm();
  const empty = usage().bytes;
  const explained = smallEvaluation(ops);
  const form = explained.formWith();
  ops.scope(() => form.gradient(ops.upload(x, images.shape), ops.upload(new Float32Array(9), [3, 3])));
  expect(usage().bytes).toBeGreaterThan(empty);
  explained[Symbol.dispose]();
  expect(usage().bytes).toBe(empty);
  expect(ops.live).toBe(0);
});
