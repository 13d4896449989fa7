import type { Masks } from '../../networks/model.ts';

/** Sizes of a toy model; images are `height` x `width` x 3, both even. */
export interface ToySizes {
  readonly height: number;
  readonly width: number;
  readonly features: number;
  readonly classes: number;
}

/** What a toy model is made of. */
export interface ToyState {
  readonly sizes: ToySizes;
  /** [features, 3, 2, 2]: a convolution with stride 2. */
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
  /** [classes, features] */
  readonly dense: Float32Array;
  readonly masks: Masks;
}
