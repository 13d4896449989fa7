import {
  expectShape,
  type Model,
  mapLayerNamed,
  type NdArray,
  ndArray,
  placesOfLayer,
  rows,
  StudyError,
} from '@espalier/core';
import { resizeMap } from '@espalier/images';
import { type FeatureWeights, type Places, weightedActivations } from './class-activation.ts';

/** How maps of a layer are made. */
export interface Mapping {
  readonly layer: string | null;
  readonly weights: FeatureWeights;
  /** Refuses negative activations, too. */
  readonly signs: 'any' | 'non-negative';
  readonly relu: boolean;
  readonly scale: 'none' | 'range';
  readonly resize: 'bilinear' | 'nearest';
}

// Bounds memory: early layers of large images have many values.
const imagesPerCall = 16;

/** What is asked, image by image. */
export interface Asked {
  readonly model: Model;
  readonly images: NdArray<'n h w c'>;
  readonly classIndex: readonly number[];
  readonly told?: ((images: number) => void) | undefined;
}

/**
 * Class activation maps, at the size of the images. Tokens that have no place on the image, such as the class token, do not count.
 *
 * @throws StudyError `core/shape-mismatch`, those of `mapLayerNamed`, `explainer-cam/negative-activations`
 */
export async function mapsOf({ model, images, classIndex, told }: Asked, mapping: Mapping): Promise<NdArray<'n h w'>> {
  const { height, width, channels } = model.input;
  expectShape(images, [classIndex.length, height, width, channels], 'images for class activation maps');
  const layer = mapLayerNamed(model.layers, mapping.layer, mapping.signs);
  const { leading, ...size } = placesOfLayer(layer);
  const maps = ndArray('n h w', [classIndex.length, height, width]);
  for (let start = 0; start < classIndex.length; start += imagesPerCall) {
    const end = Math.min(start + imagesPerCall, classIndex.length);
    const some = rows(images, start, end);
    const activations = await model.activations(some, layer.name);
    const slopes = await model.activationGradient(some, layer.name, classIndex.slice(start, end));
    const length = activations.data.length / (end - start);
    for (let n = start; n < end; n++) {
      const part = ({ data }: NdArray) =>
        data.subarray((n - start) * length + leading * layer.features, (n + 1 - start) * length);
      const places: Places = { activations: part(activations), slopes: part(slopes), features: layer.features };
      if (mapping.signs === 'non-negative') expectNonNegative(places, layer.name);
      maps.data.set(mapOf(places, mapping, size, { height, width }), n * height * width);
    }
    told?.(end);
  }
  return maps;
}

function mapOf(
  places: Places,
  { weights, relu, scale, resize }: Mapping,
  ...[from, to]: readonly [Parameters<typeof resizeMap>[1], Parameters<typeof resizeMap>[2]]
): Float32Array {
  const found = weightedActivations(places, weights(places));
  const kept = relu ? found.map((value) => Math.max(0, value)) : found;
  if (scale === 'none') return resizeMap(kept, from, to, resize);
  return Float32Array.from(toRange(resizeMap(toRange(kept), from, to, resize)));
}

/** Least value 0, largest value 1, as grad-cam scales its maps before and after they are enlarged. */
function toRange(values: ArrayLike<number>): Float64Array {
  const found = Float64Array.from(values);
  const least = found.reduce((a, b) => Math.min(a, b));
  const largest = found.reduce((a, b) => Math.max(a, b)) - least;
  return found.map((value) => (value - least) / (1e-7 + largest));
}

function expectNonNegative({ activations }: Places, layer: string): void {
  const found = activations.find((value) => value < 0);
  if (found === undefined) return;
  throw new StudyError(
    'explainer-cam/negative-activations',
    `Grad-CAM++ is defined for layers whose activations are not negative; "${layer}" has ${found}. Choose a layer after a ReLU, or Grad-CAM.`,
  );
}

/**
 * Maps as attributions are: one value per pixel stands in the first channel, beside zeros, so that every reduction of channels gives it
 * back, or its absolute value.
 */
export function inFirstChannel({ data, shape }: NdArray<'n h w'>, channels: number): NdArray<'n h w c'> {
  const values = ndArray('n h w c', [...shape, channels]);
  for (let i = 0; i < data.length; i++) values.data[i * channels] = data[i]!;
  return values;
}
