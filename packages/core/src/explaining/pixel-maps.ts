import { expectShape, type NdArray, ndArray } from '../array.ts';
import type { ClassIndices, Model } from '../networks/model.ts';
import type { Services } from '../services.ts';

/** What `explain` of an explainer was asked, and what its images are called in errors. */
export interface AskedMaps {
  readonly model: Model;
  readonly images: NdArray<'n h w c'>;
  readonly classIndex: ClassIndices;
  readonly told?: ((images: number) => void) | undefined;
  readonly what: string;
}

/**
 * The attributions of a method that gives every pixel one value, made one image after the other, so that none can change another's.
 *
 * The values stand in the first channel, beside zeros, so that every reduction of channels gives them back, or their absolute values.
 *
 * @param mapOf one value per pixel, row-major, of an image, row-major `h w c`, and its number; `told` takes the part of it that is done
 * @throws StudyError `core/shape-mismatch`: images of another size than the model's
 */
export async function pixelMaps(
  { model, images, classIndex, told = () => {}, what }: AskedMaps,
  { signal }: Pick<Services, 'signal'>,
  mapOf: (image: Float32Array, n: number, told: (part: number) => void) => Promise<Float64Array>,
): Promise<NdArray<'n h w c'>> {
  const { height, width, channels } = model.input;
  expectShape(images, [classIndex.length, height, width, channels], `images for ${what}`);
  const values = ndArray('n h w c', images.shape);
  const size = height * width * channels;
  for (const n of classIndex.keys()) {
    const hear = (part: number) => {
      signal.throwIfAborted();
      told(n + part);
    };
    const map = await mapOf(images.data.subarray(n * size, (n + 1) * size), n, hear);
    map.forEach((value, pixel) => {
      values.data[n * size + pixel * channels] = value;
    });
  }
  return values;
}
