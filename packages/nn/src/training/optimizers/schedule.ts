import type { TrainOptions } from '@espalier/core';

/**
 * The learning rate of step `step` (from 0) of `steps`.
 *
 * `cosine` goes from the peak to `final` along half a cosine, and reaches it at the last step. `one-cycle` is PyTorch's
 * `OneCycleLR` with cosine annealing and a constant momentum (Smith and Topin 2018, arXiv 1708.07120).
 */
export function learningRateAt(
  options: Pick<TrainOptions, 'learningRate' | 'schedule'>,
  step: number,
  steps: number,
): number {
  const { learningRate: peak, schedule } = options;
  const last = steps - 1;
  switch (schedule.name) {
    case 'constant':
      return peak;
    case 'cosine':
      return annealed(peak, schedule.final, last === 0 ? 0 : step / last);
    case 'one-cycle': {
      const first = peak / schedule.startDivisor;
      const top = schedule.warmup * steps - 1; // OneCycleLR's own count: the peak may fall between two steps
      if (step < top) return annealed(first, peak, step / top);
      return annealed(peak, first / schedule.finalDivisor, (step - top) / (last - top));
    }
  }
}

/** From `start` at 0 to `end` at 1 along half a cosine. */
function annealed(start: number, end: number, progress: number): number {
  return end + ((start - end) / 2) * (1 + Math.cos(Math.PI * progress));
}
