import { type InputSpec, randomStream } from '@espalier/core';
import { gaussianBlur } from '@espalier/images';

/** Where the path to the image starts. */
export type BaselineOptions =
  | { readonly name: 'black' }
  | { readonly name: 'mean' }
  | { readonly name: 'blur'; readonly sigma: number }
  | { readonly name: 'uniform'; readonly draws: number; readonly seed: number };

/** The starting images for one image, row-major `h w c`, values in [0, 1]; attributions are averaged over them. */
export type Baselines = (image: Float32Array) => readonly Float32Array[];

/**
 * How to make the baselines of an image for a model that takes `input`.
 *
 * `uniform` draws depend on their `seed` only: every image starts from the same noise, so that an image's attribution
 * does not depend on the images beside it, and those of different models compare.
 */
export function baselinesFor(options: BaselineOptions, { height, width, channels, mean }: InputSpec): Baselines {
  const size = height * width * channels;
  const fixed = (valueAt: (i: number) => number) => Float32Array.from({ length: size }, (_, i) => valueAt(i));
  switch (options.name) {
    case 'black':
      return constantly([new Float32Array(size)]);
    case 'mean':
      return constantly([fixed((i) => mean[i % channels]!)]);
    case 'blur': {
      const sigma = options.sigma * Math.min(height, width);
      return (image) => [gaussianBlur(image, { height, width, channels }, sigma)];
    }
    case 'uniform':
      return constantly(
        Array.from({ length: options.draws }, (_, draw) => {
          const stream = randomStream(options.seed, 'uniform-baseline', draw);
          return fixed(() => stream.uniform());
        }),
      );
  }
}

function constantly(baselines: readonly Float32Array[]): Baselines {
  return () => baselines;
}
