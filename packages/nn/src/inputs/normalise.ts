import type { InputSpec, NdArray } from '@espalier/core';

/** Images in [0, 1] as the network takes them: (image - mean) / std per channel, row-major `n h w c`. */
export function normalised(images: Float32Array, { mean, std }: Pick<InputSpec, 'mean' | 'std'>): Float32Array {
  const channels = mean.length;
  const result = new Float32Array(images.length);
  for (let c = 0; c < channels; c++) {
    const [centre, scale] = [mean[c]!, 1 / std[c]!];
    for (let i = c; i < images.length; i += channels) result[i] = (images[i]! - centre) * scale;
  }
  return result;
}

/** Gradients with respect to normalised images as gradients with respect to pixel values, in place. */
export function toPixelGradient(gradient: NdArray<'n h w c'>, std: readonly number[]): NdArray<'n h w c'> {
  const { data } = gradient;
  for (let c = 0; c < std.length; c++) {
    const scale = 1 / std[c]!;
    for (let i = c; i < data.length; i += std.length) data[i]! *= scale;
  }
  return gradient;
}

/** The least and the largest value of each channel of normalised images. */
export function boxOf({ mean, std }: Pick<InputSpec, 'mean' | 'std'>): {
  readonly least: readonly number[];
  readonly largest: readonly number[];
} {
  const at = (pixel: number) => mean.map((centre, c) => (pixel - centre) / std[c]!);
  return { least: at(0), largest: at(1) };
}
