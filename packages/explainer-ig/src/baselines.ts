import { type BaselineChoice, type InputSpec, randomStream } from '@espalier/core';
import { baselineImage } from '@espalier/images';

/** Where the path to the image starts. */
export type BaselineOptions =
  | BaselineChoice
  | { readonly name: 'uniform'; readonly draws: number; readonly seed: number };

/** The starting images for one image, row-major `h w c`, values in [0, 1]; attributions are averaged over them. */
export type Baselines = (image: Float32Array) => readonly Float32Array[];

/**
 * How to make the baselines of an image for a model that takes `input`.
 *
 * `uniform` draws depend on their `seed` only: every image starts from the same noise, so that an image's attribution
 * does not depend on the images beside it, and those of different models compare.
 */
export function baselinesFor(options: BaselineOptions, input: InputSpec): Baselines {
  if (options.name !== 'uniform') return (image) => [baselineImage(image, input, options)];
  const size = input.height * input.width * input.channels;
  const drawn = Array.from({ length: options.draws }, (_, draw) => {
    const stream = randomStream(options.seed, 'uniform-baseline', draw);
    return Float32Array.from({ length: size }, () => stream.uniform());
  });
  return () => drawn;
}
