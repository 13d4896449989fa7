import type { NdArray } from './array.ts';
import type { Masks, Model } from './model.ts';

/** What a pruner may look at besides the model. */
export interface PruneContext {
  /** Some training images and their labels, for pruners that need data; absent when the study gives none. */
  readonly sample?: () => Promise<{ readonly images: NdArray<'n h w c'>; readonly labels: readonly number[] }>;
}

/** Chooses which weights to remove. Never changes the model: the caller applies the masks. */
export interface Pruner {
  /**
   * The nominal fraction of prunable weights removed, in [0, 1): the level this pruner was made for. The
   * runner checks the evaluated model against it.
   */
  readonly sparsity: number;
  /**
   * Masks for the prunable parameters it was asked to consider. Weights that `model.masks` already removed
   * stay removed.
   */
  mask(model: Model, context: PruneContext): Promise<Masks>;
}
