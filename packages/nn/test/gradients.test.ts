import type { Weights } from '@espalier/core';
import type { Ops } from '@espalier/engine';
import { describe, expect, test } from 'vitest';
import { engines, slowOps } from '../../engine/test/support/index.ts';
import { fromDevice } from '../src/graph/parameters.ts';
import { normalised } from '../src/inputs/normalise.ts';
import { crossEntropy } from '../src/training/cross-entropy.ts';
import { TrainingNetwork } from '../src/training/training-network.ts';
import { smallEvaluation } from './small-evaluation.ts';
import { smallImages, smallInput, smallNetwork, smallWeights } from './small-network.ts';

const labels = [2, 0, 1];
const images = smallImages(labels.length);
const x = normalised(images.data, smallInput);

/** Loss and the gradient of every parameter, in PyTorch's layout. */
function lossAndGradients(ops: Ops, weights: Weights): { loss: number; gradients: Map<string, Float32Array> } {
  using network = new TrainingNetwork(ops, smallNetwork, weights, 'float32');
  const gradients = new Map<string, Float32Array>();
  let loss = Number.NaN;
  ops.scope(() => {
    const differentiate = (logits: Float32Array): Float32Array => {
      const entropy = crossEntropy(logits, labels, 0.1);
      loss = entropy.loss;
      return entropy.gradient;
    };
    network.pass(ops.upload(x, images.shape), differentiate, (parameter, _, gradient) => {
      gradients.set(parameter.name, fromDevice(parameter, ops.download(gradient)));
    });
  });
  return { loss, gradients };
}

function logitsOf(ops: Ops, pixels: Float32Array): Float32Array {
  using network = smallEvaluation(ops);
  const form = network.formWith();
  return ops.scope(() => ops.download(form.value(ops.upload(pixels, images.shape))));
}

function inputGradientOf(ops: Ops, upstream: Float32Array): Float32Array {
  using network = smallEvaluation(ops);
  const form = network.formWith();
  return ops.scope(() => {
    const gradient = form.gradient(ops.upload(x, images.shape), ops.upload(upstream, [labels.length, 3]));
    return ops.download(gradient);
  });
}

const upstream = Float32Array.of(0.5, -1, 2, 1, 0, -0.5, 0.25, 1, -2);
const weighted = (logits: Float32Array): number => logits.reduce((sum, value, i) => sum + value * upstream[i]!, 0);

describe('gradients are the slopes of what is computed', () => {
  // Small enough to cross no relu here, large against the rounding of float32 weights and logits.
  const step = 2 ** -12;

  test('of every parameter in training', () => {
    const { gradients } = lossAndGradients(slowOps(), smallWeights());
    for (const [name, gradient] of gradients) {
      for (const index of [0, gradient.length >> 1, gradient.length - 1]) {
        const lossAt = (change: number): number => {
          const moved = smallWeights();
          moved.get(name)!.data[index]! += change;
          return lossAndGradients(slowOps(), moved).loss;
        };
        const slope = (lossAt(step) - lossAt(-step)) / (2 * step);
        expect(gradient[index], `${name}[${index}]`).toBeCloseTo(slope, 2);
      }
    }
  });

  test('of the input in evaluation', () => {
    const gradient = inputGradientOf(slowOps(), upstream);
    for (const index of [0, 100, 333, 575, 800, 1727]) {
      const at = (change: number): number => {
        const moved = x.slice();
        moved[index]! += change;
        return weighted(logitsOf(slowOps(), moved));
      };
      expect(gradient[index], `input ${index}`).toBeCloseTo((at(step) - at(-step)) / (2 * step), 3);
    }
  });
});

describe.each(engines)('$name computes the same network$reason', ({ ops: engine }) => {
  const ops = engine!; // only used where the tests below are not skipped

  test.skipIf(!engine)('loss and gradients in training', () => {
    const live = ops.live;
    const found = lossAndGradients(ops, smallWeights());
    const expected = lossAndGradients(slowOps(), smallWeights());
    expect(found.loss).toBeCloseTo(expected.loss, 5);
    expect([...found.gradients.keys()]).toEqual([...expected.gradients.keys()]);
    for (const [name, gradient] of expected.gradients) expectClose(found.gradients.get(name)!, gradient, name);
    expect(ops.live).toBe(live);
  });

  test.skipIf(!engine)('logits and input gradient in evaluation', () => {
    expectClose(logitsOf(ops, x), logitsOf(slowOps(), x), 'logits');
    expectClose(inputGradientOf(ops, upstream), inputGradientOf(slowOps(), upstream), 'input gradient');
  });
});

/** Relative to the largest value: float32 through eight convolutions and their BatchNorms. */
function expectClose(found: Float32Array, expected: Float32Array, name: string): void {
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-4);
  const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i]!)), 0);
  expect(worst / scale, name).toBeLessThan(2e-4);
}
