import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crossEntropy } from '../src/training/cross-entropy.ts';

test('worked by hand: two classes, one image', () => {
  const { loss, gradient, correct } = crossEntropy(Float32Array.of(Math.log(3), 0), [0], 0);
  expect(loss).toBeCloseTo(-Math.log(0.75), 7);
  expect([...gradient].map((value) => Math.round(1e6 * value) / 1e6)).toEqual([-0.25, 0.25]);
  expect(correct).toBe(1);
});

test('smoothing spreads the target over all classes, the label’s included', () => {
  const { loss } = crossEntropy(Float32Array.of(Math.log(3), 0), [0], 0.2);
  expect(loss).toBeCloseTo(-0.9 * Math.log(0.75) - 0.1 * Math.log(0.25), 7);
});

const logits = fc.array(fc.constantFrom(-50, -1, 0, 0.5, 2, 80), { minLength: 6, maxLength: 6 });

test('the gradient is the slope of the loss, also for large logits and ties', () => {
  fc.assert(
    fc.property(logits, fc.constantFrom(0, 0.1), fc.nat(5), (values, smoothing, index) => {
      const at = (change: number) => {
        const moved = Float32Array.from(values);
        moved[index]! += change;
        return crossEntropy(moved, [2, 0], smoothing);
      };
      const slope = (at(2 ** -8).loss - at(-(2 ** -8)).loss) / 2 ** -7;
      expect(at(0).gradient[index]).toBeCloseTo(slope, 4);
    }),
  );
});

test('a tie counts for the lower class', () => {
  expect(crossEntropy(Float32Array.of(1, 1), [0], 0).correct).toBe(1);
  expect(crossEntropy(Float32Array.of(1, 1), [1], 0).correct).toBe(0);
});

test('not-a-number logits give a loss that is not a number', () => {
  expect(crossEntropy(Float32Array.of(Number.NaN, 0), [0], 0).loss).toBeNaN();
  expect(crossEntropy(Float32Array.of(0, Number.NaN), [0], 0).loss).toBeNaN();
});
