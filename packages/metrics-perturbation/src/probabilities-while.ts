import { answersAbout, type BaselineChoice, type Model } from '@espalier/core';
import { probability } from '@espalier/numerics';
import type { Explained } from './each-image.ts';

/** What removed pixels become, and how many changed images are in memory at once. */
export interface Removing {
  readonly baseline: BaselineChoice;
  readonly imagesPerCall: number;
}

/** Pixels of one image that become those of another. */
export interface Replacing {
  /** Row-major `h w c`, as `to`. */
  readonly from: Float32Array;
  readonly to: Float32Array;
  /** Of pixels. */
  readonly order: Uint32Array;
  /** How many of them are replaced at each step. */
  readonly counts: readonly number[];
  readonly imagesPerCall: number;
}

/** The probability of the explained class at each step. @throws StudyError `core/values-not-finite` where the model answers with no numbers */
export function probabilitiesWhile(
  model: Model,
  { classIndex, id }: Pick<Explained, 'classIndex' | 'id'>,
  { from, to, order, counts, imagesPerCall }: Replacing,
): Promise<Float64Array> {
  const { channels } = model.input;
  const version = (step: number) => {
    const image = from.slice();
    for (const pixel of order.subarray(0, counts[step]))
      for (let i = pixel * channels; i < (pixel + 1) * channels; i++) image[i] = to[i]!;
    return image;
  };
  const about = { count: counts.length, version, imagesPerCall, what: `"${id}" with pixels replaced` };
  return answersAbout(model, about, (logits) => probability(logits, classIndex));
}
