import type { AttributionUnit, InputSpec, RandomStream } from '@espalier/core';

/** How images are perturbed. */
export interface Perturbing {
  readonly perturbation: 'square' | 'noise';
  /** Of the shorter side of the image. */
  readonly side: number;
  /** Standard deviation of the noise, of the normalised image. */
  readonly sigma: number;
}

/** An image that was perturbed, and what each attribution is multiplied with to foretell how much the logit falls; both `h w c`. */
export interface Perturbed {
  readonly image: Float32Array;
  readonly weights: Float32Array;
}

/** Perturbs one image of pixels in [0, 1], whose attributions are of `unit`. Noise has no place in shares of the logit: only squares have. */
export function perturbed(
  image: Float32Array,
  input: InputSpec,
  unit: AttributionUnit,
  { perturbation, side, sigma }: Perturbing,
  stream: Pick<RandomStream, 'normal' | 'integer'>,
): Perturbed {
  const { height, width, channels, mean, std } = input;
  const [changed, weights] = [image.slice(), new Float32Array(image.length)];
  const change = (i: number, by: number) => {
    changed[i] = image[i]! - by;
    weights[i] = { logit: 1, 'logit-per-pixel': by, 'logit-per-normalised': by / std[i % channels]! }[unit];
  };
  if (perturbation === 'noise') {
    for (let i = 0; i < image.length; i++) change(i, sigma * std[i % channels]! * stream.normal());
    return { image: changed, weights };
  }
  const length = Math.max(1, Math.round(side * Math.min(height, width)));
  const [top, left] = [stream.integer(height - length + 1), stream.integer(width - length + 1)];
  for (let y = top; y < top + length; y++)
    for (let i = (y * width + left) * channels; i < (y * width + left + length) * channels; i++)
      change(i, image[i]! - mean[i % channels]!);
  return { image: changed, weights };
}
