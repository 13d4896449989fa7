import type { NdArray } from '../array.ts';
import type { ClassIndices, Model } from '../networks/model.ts';

/**
 * How the channels of an attribution become one value per pixel:
 * `sum` adds signed values; `abs-sum` is |sum|; `sum-abs` adds absolute values; `max-abs` takes the largest
 * absolute value; `l2` the Euclidean norm.
 */
export type ChannelReduction = 'sum' | 'abs-sum' | 'sum-abs' | 'max-abs' | 'l2';

/**
 * What an attributed value is a number of. Of `logit-per-pixel` and `logit-per-normalised`, slopes, it times a small change of the pixel value
 * in [0, 1], or of the normalised one, foretells how the logit of the class changes. Of `logit` it is the value's share of the logit: what the
 * logit loses without it.
 */
export type AttributionUnit = (typeof attributionUnits)[number];

/** Every name of an `AttributionUnit`. */
export const attributionUnits = ['logit', 'logit-per-pixel', 'logit-per-normalised'] as const;

/** Attributions of some images: signed values per channel, and how their author reads them as a map. */
export interface Attributions {
  /** Signed attribution of every input value. */
  readonly values: NdArray<'n h w c'>;
  readonly reduction: ChannelReduction;
  /** Absent where values only rank, or are of another unit: squares, probabilities. */
  readonly unit?: AttributionUnit | undefined;
  /** Stable sample ids, in the order of `values`. */
  readonly ids: readonly string[];
  /** The class explained, per image. */
  readonly classIndex: ClassIndices;
  /** Name of the method as the study wrote it, for example `ig/integrated-gradients`. */
  readonly method: string;
  /** One number per image and name, such as `delta` (convergence) or `steps`. */
  readonly diagnostics: Readonly<Record<string, readonly number[]>>;
}

/** What an explainer returns; the caller adds ids, classes and names. */
export type Explanation = Pick<Attributions, 'values' | 'diagnostics'>;

/**
 * Says how much each input value matters for one class of one model.
 * @example
 * const explainer = await createFrom(saliency, {}, plainServices());
 * const { values } = await explainer.explain(model, images, labels); // `n h w c`, as the images
 */
export interface Explainer {
  /** How its maps are read unless somebody asks otherwise. */
  readonly reduction: ChannelReduction;
  /** Absent where values only rank, or are of another unit: squares, probabilities. */
  readonly unit?: AttributionUnit | undefined;
  /**
   * @param told is called while this goes on, if it takes long: with how many of `images` are explained so far, which may be a
   *   fraction and never falls
   * @param ids stable sample ids, one per image. Runs hand them over always; what draws noise draws it by them (`sampleStreams`), so
   *   that an image gets the same attribution in every arm, batch and order
   */
  explain(
    model: Model,
    images: NdArray<'n h w c'>,
    classIndex: ClassIndices,
    told?: ((images: number) => void) | undefined,
    ids?: readonly string[],
  ): Promise<Explanation>;
  /**
   * Of one that asks about changed images, such as SmoothGrad: the same over `other`, which it then asks instead of what it asks by itself.
   * Plugins that have it say so (`asksExplainer`).
   */
  over?(other: Explainer): Explainer;
}
