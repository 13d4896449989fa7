import type { trainOptions } from '@espalier/core';
import { expect, test } from 'vitest';
import { learningRateAt } from '../src/training/optimizers/schedule.ts';

type Schedule = ReturnType<typeof trainOptions.parse>['schedule'];

function curve(schedule: Schedule, learningRate: number, steps: number): number[] {
  return Array.from({ length: steps }, (_, step) => learningRateAt({ schedule, learningRate }, step, steps));
}

test('constant stays', () => {
  expect(curve({ name: 'constant' }, 0.1, 3)).toEqual([0.1, 0.1, 0.1]);
});

test('cosine falls from the peak to its final rate at the last step', () => {
  const rates = curve({ name: 'cosine', final: 0.1 }, 0.5, 5);
  const byHand = [0.5, 0.1 + 0.2 * (1 + Math.SQRT1_2), 0.3, 0.1 + 0.2 * (1 - Math.SQRT1_2), 0.1];
  rates.forEach((rate, i) => {
    expect(rate).toBeCloseTo(byHand[i]!, 12);
  });
  expect(curve({ name: 'cosine', final: 0.1 }, 0.5, 1)).toEqual([0.5]);
});

const oneCycle = { name: 'one-cycle', warmup: 0.3, startDivisor: 25, finalDivisor: 1e4 } as const;

// torch.optim.lr_scheduler.OneCycleLR of PyTorch 2.13 with cycle_momentum=False, by tools/reference/one-cycle.py.
const torch = [
  {
    warmup: 0.3,
    rates: [
      0.004, 0.052, 0.1, 0.0950484632, 0.0811745654, 0.0611262022, 0.0388741978, 0.0188258346, 0.0049519368, 4e-7,
    ],
  },
  { warmup: 0.25, rates: [0.004, 0.0994415435, 0.086652647, 0.0611262022, 0.0317332218, 0.0086884265, 4e-7] },
  { warmup: 0, rates: [0.0853553976, 0.0500002, 0.0146450024, 4e-7] },
];

test.each(torch)('one-cycle with warmup $warmup is PyTorch’s OneCycleLR', ({ warmup, rates }) => {
  const found = curve({ ...oneCycle, warmup }, 0.1, rates.length);
  found.forEach((rate, i) => {
    expect(rate, `step ${i}`).toBeCloseTo(rates[i]!, 9);
  });
});

test.each([1, 2, 3, 4, 7, 50])('one-cycle of %i steps is finite and never above its peak', (steps) => {
  for (const warmup of [0, 0.1, 0.5, 0.9]) {
    for (const rate of curve({ ...oneCycle, warmup }, 0.1, steps)) {
      expect(rate).toBeGreaterThan(0);
      expect(rate).toBeLessThanOrEqual(0.1);
    }
  }
});
