import type { NdArray } from './array.ts';
import type { Masks, Model } from './networks/model.ts';

/** What a pruner may look at besides the model. */
export interface PruneContext {
  /** Some training images and their labels, absent when the study gives none; one with `needsData` has them in every study. */
  readonly sample?: () => Promise<{ readonly images: NdArray<'n h w c'>; readonly labels: readonly number[] }>;
  /**
   * Masks of earlier rounds that zeroed weights once and were not enforced from then on: `model` does not have them, and training may
   * have moved the weights away from zero again. Absent where there are none.
   */
  readonly unenforced?: Masks;
  /** Masks of another model of the same architecture, which a control is made like: the treatment's at its level. Absent where there is none. */
  readonly like?: Masks;
}

/**
 * Chooses which weights to remove. Never changes the model: the caller applies the masks.
 * @example
 * const pruner = await createFrom(magnitude, { sparsity: 0.9 }, plainServices());
 * using pruned = await model.masked(await pruner.mask(model, {}));
 */
export interface Pruner {
  /** The nominal fraction of prunable weights removed, in [0, 1): the level this pruner was made for. */
  readonly sparsity: number;
  /**
   * What `sparsity` is. The masks remove a `target` exactly, and the runner holds the evaluated model to it; a `nominal`
   * level is only called so, by a rule that removes another fraction. `target` when absent.
   */
  readonly sparsityIs?: 'target' | 'nominal';
  /**
   * Masks for the prunable parameters it was asked to consider. Weights that `model.masks` already removed
   * stay removed.
   */
  mask(model: Model, context: PruneContext): Promise<Masks>;
}
