import type { NdArray } from './array.ts';

/** Images and labels of one training step. */
export interface Batch {
  readonly images: NdArray<'n h w c'>;
  readonly labels: readonly number[];
}

/** The batches of every epoch, in a fixed order: the same epoch always gives the same batches. */
export interface BatchSource {
  readonly imagesPerEpoch: number;
  readonly batchesPerEpoch: number;
  /** Batches of epoch `index` (from 0), prepared ahead while the caller computes. */
  epoch(index: number): AsyncIterable<Batch>;
}
