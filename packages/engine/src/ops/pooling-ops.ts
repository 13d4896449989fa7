import type { Window } from './convolution-ops.ts';
import type { Tensor } from './tensors.ts';

/** A window of `height * width` places. */
export interface PoolWindow extends Window {
  readonly height: number;
  readonly width: number;
}

/** What reduces the space of `[n, h, w, c]`. */
export interface PoolingOps {
  /** Largest value of each window; the border counts as minus infinity, as in PyTorch. */
  maxPool(x: Tensor, window: PoolWindow): Tensor;
  /** Each `dy` goes to the largest value of its window, the first in row-major order among equals. */
  maxPoolGradient(dy: Tensor, x: Tensor, y: Tensor, window: PoolWindow): Tensor;
  /** Mean over space: `[n, h, w, c]` to `[n, c]`. */
  spatialMean(x: Tensor): Tensor;
  /** `[n, c]` spread evenly over `height * width` places. */
  spatialMeanGradient(dy: Tensor, height: number, width: number): Tensor;
}
