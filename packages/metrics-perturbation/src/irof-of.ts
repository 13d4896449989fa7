import type { Model } from '@espalier/core';
import { baselineImage } from '@espalier/images';
import { mean, sortedOrder } from '@espalier/numerics';
import type { Explained } from './each-image.ts';
import { probabilitiesWhile, type Removing } from './probabilities-while.ts';

/**
 * How much of the probability of the class is lost, on average, while the segments of an image go, the one of the largest mean value first.
 * Slowly:
 *
 *     for l = 0 ... segments:
 *       left[l] = p(class | the first l segments of the baseline) / p(class | image)
 *     1 - (area of trapezoids under `left`) / segments
 *
 * @param segments of each pixel, from 0 without gaps
 * @returns at most 1; null where the class has no probability to lose
 * @throws StudyError `core/values-not-finite` where the model answers with no numbers
 */
export async function irofOf(
  model: Model,
  explained: Explained,
  segments: Int32Array,
  { baseline, imagesPerCall, area }: Removing & { readonly area: 'share' | 'quantus-0.5.3' },
): Promise<number | null> {
  const { order, counts } = bySegments(explained.map, segments);
  const nothing = baselineImage(explained.image, model.input, baseline);
  const asked = { from: explained.image, to: nothing, order, counts, imagesPerCall };
  const probabilities = await probabilitiesWhile(model, explained, asked);
  if (probabilities[0] === 0) return null;
  const left = probabilities.map((probability) => probability / probabilities[0]!);
  if (area === 'share') return 1 - mean(trapezoids(left));
  // It counts a whole step for every segment, and has the area from the first removal on.
  return left.length - 1 - trapezoids(left.subarray(1)).reduce((sum, value) => sum + value, 0);
}

/** Pixels in the order in which their segments go, and how many have gone after each. */
function bySegments(map: Float32Array, segments: Int32Array) {
  const pixels = Array.from(
    { length: 1 + segments.reduce((most, segment) => Math.max(most, segment), 0) },
    (): number[] => [],
  );
  for (const [pixel, segment] of segments.entries()) pixels[segment]!.push(pixel);
  const means = Float32Array.from(pixels, (own) => mean(own.map((pixel) => map[pixel]!)));
  const sorted = Array.from(sortedOrder(means, 'falling'), (segment) => pixels[segment]!);
  const counts = [0];
  for (const { length } of sorted) counts.push(counts.at(-1)! + length);
  return { order: Uint32Array.from(sorted.flat()), counts };
}

function trapezoids(curve: Float64Array): Float64Array {
  return curve.subarray(1).map((value, i) => (value + curve[i]!) / 2);
}
