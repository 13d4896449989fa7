import { type Explainer, expectShape, ndArray, type RandomStream, rows, stackedImages } from '@espalier/core';

/** Noisy copies of every image. */
export interface Smoothing {
  /** Copies, the last one without noise. */
  readonly samples: number;
  /** Standard deviation of the noise, of the image's largest less its smallest value. */
  readonly sigma: number;
  readonly imagesPerCall: number;
}

/**
 * `explainer`, whose maps are means over noisy copies of the images, the last copy without noise.
 *
 * @param streamFor what noise of the image of an id is drawn from; asked for anew at every call, so that an image gets the same noise each time
 */
export function smoothExplainer(
  explainer: Explainer,
  { samples, sigma, imagesPerCall }: Smoothing,
  streamFor: (id: string) => Pick<RandomStream, 'normal'>,
): Explainer {
  return {
    ...explainer,
    async explain(model, images, classIndex, told = () => {}, ids = []) {
      expectShape(images, [ids.length, model.input.height, model.input.width, model.input.channels], 'images with ids');
      const values = ndArray('n h w c', images.shape);
      for (const [n, id] of ids.entries()) {
        const image = rows(images, n, n + 1).data;
        const sums = new Float64Array(image.length);
        const [stream, deviation] = [streamFor(id), sigma * rangeOf(image)];
        for (let start = 0; start < samples; start += imagesPerCall) {
          const copies = Array.from({ length: Math.min(imagesPerCall, samples - start) }, (_, i) =>
            start + i === samples - 1 ? image : image.map((value) => value + deviation * stream.normal()),
          );
          const [classes, names] = [copies.map(() => classIndex[n]!), copies.map(() => id)];
          const found = await explainer.explain(model, stackedImages(copies, model.input), classes, undefined, names);
          found.values.data.forEach((value, i) => {
            sums[i % image.length]! += value;
          });
          told(n + (start + copies.length) / samples);
        }
        values.data.set(
          sums.map((sum) => sum / samples),
          n * image.length,
        );
      }
      return { values, diagnostics: {} };
    },
  };
}

function rangeOf(image: Float32Array): number {
  let [least, most] = [image[0]!, image[0]!];
  for (const value of image) [least, most] = [Math.min(least, value), Math.max(most, value)];
  return most - least;
}
