import * as z from 'zod';
import { expectFinite, type NdArray, ndArray, rows } from '../array.ts';
import type { InputSpec, Model } from '../networks/model.ts';

/** The option `imagesPerCall` of methods that ask about many changed versions of an image. */
export const imagesPerCallOption = z
  .int()
  .min(1)
  .max(256) // of 1024 x 1024 pixels: 3 GiB
  .default(32)
  .describe('changed images that are asked about at once; bounds memory');

/** Why labels leave the option `imagesPerCall` out. */
export const unlabelledPerCall = { imagesPerCall: 'bounds memory; the changed images are the same' } as const;

/** Changed versions of one image. */
export interface ChangedImages {
  readonly count: number;
  /** The version `index`, row-major `h w c`, pixels in [0, 1]; called once for each, from 0 on. */
  readonly version: (index: number) => Float32Array;
  readonly imagesPerCall: number;
  /** What errors call them: `"n01": the image in parts`. */
  readonly what: string;
  /** Is called with the part of them that is asked about, in (0, 1]. */
  readonly told?: (part: number) => void;
}

/**
 * What is read from the logits of each changed version of an image, in order.
 *
 * @param read of the logits of one version, one per class; called once for each, from 0 on
 * @throws StudyError `core/values-not-finite` where the model answers with no numbers
 */
export async function answersAbout(
  model: Model,
  { count, version, imagesPerCall, what, told }: ChangedImages,
  read: (logits: Float32Array) => number,
): Promise<Float64Array> {
  const answers = new Float64Array(count);
  for (let start = 0; start < count; start += imagesPerCall) {
    const end = Math.min(start + imagesPerCall, count);
    const versions = Array.from({ length: end - start }, (_, i) => version(start + i));
    const logits = await model.predict(stackedImages(versions, model.input));
    expectFinite(logits.data, `the logits of ${what}`);
    for (let i = start; i < end; i++) answers[i] = read(rows(logits, i - start, i - start + 1).data);
    told?.(end / count);
  }
  return answers;
}

/** Images as a batch. @param images row-major `h w c` of the size that `input` says */
export function stackedImages(
  images: readonly Float32Array[],
  { height, width, channels }: Pick<InputSpec, 'height' | 'width' | 'channels'>,
): NdArray<'n h w c'> {
  const batch = ndArray('n h w c', [images.length, height, width, channels]);
  images.forEach((image, n) => {
    batch.data.set(image, n * height * width * channels);
  });
  return batch;
}
