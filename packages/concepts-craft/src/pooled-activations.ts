import {
  type Crop,
  expectFinite,
  layerNamed,
  type Model,
  type NdArray,
  ndArray,
  placesOfLayer,
  StudyError,
} from '@espalier/core';
import { resizeCropInto } from '@espalier/images';
import { type Matrix, zeros } from './matrix.ts';

const cropsPerCall = 32;

/** What becomes of negative activations. */
export type Negative = 'split' | 'refuse';

/** Crops of images, and the layer that sees them. */
interface SeenCrops {
  readonly model: Model;
  readonly layer: string;
  readonly negative: Negative;
  readonly images: { readonly images: NdArray<'n h w c'> };
  readonly crops: readonly Crop[];
}

/**
 * Activations of `layer` for each crop resized to the model's input, averaged over the places of the image: p d.
 *
 * @param onCrops called with the number of crops done
 * @throws StudyError `core/not-supported` when the layer has negative activations that are refused.
 */
export async function pooledActivations(
  { model, layer, negative, images: { images }, crops }: SeenCrops,
  onCrops: (done: number) => void,
): Promise<Matrix> {
  const imageSize = images.data.length / images.shape[0]!;
  const info = layerNamed(model.layers, layer);
  const { features } = info;
  const { leading } = placesOfLayer(info);
  const pooled = zeros(crops.length, features);
  for (let start = 0; start < crops.length; start += cropsPerCall) {
    const chunk = crops.slice(start, start + cropsPerCall);
    const batch = ndArray('n h w c', [chunk.length, ...images.shape.slice(1)]);
    chunk.forEach((crop, i) => {
      resizeCropInto(batch.data.subarray(i * imageSize, (i + 1) * imageSize), images, crop);
    });
    const { data } = await model.activations(batch, layer);
    const perCrop = data.length / chunk.length;
    chunk.forEach((_, i) => {
      const places = data.subarray(i * perCrop + leading * features, (i + 1) * perCrop);
      expectSigns(places, layer, negative);
      addMean(pooled.data.subarray((start + i) * features, (start + i + 1) * features), places);
    });
    onCrops(start + chunk.length);
  }
  return pooled;
}

/** @throws StudyError `core/not-supported` where a value is negative that must not be; `core/values-not-finite` */
export function expectSigns(places: Float32Array, layer: string, negative: Negative): void {
  expectFinite(places, `activations of "${layer}"`);
  const index = negative === 'split' ? -1 : places.findIndex((value) => value < 0);
  if (index < 0) return;
  throw new StudyError(
    'core/not-supported',
    `CRAFT with \`negative\` "refuse" needs a layer whose activations are never negative, such as one after a ReLU; "${layer}" gave ` +
      `${places[index]} at index ${index} of ${places.length}. Choose another \`layer\`, or \`negative\` "split".`,
  );
}

/** Adds the mean of `d` features over places to `mean`. */
function addMean(mean: Float64Array, places: Float32Array): void {
  const count = places.length / mean.length;
  for (let at = 0; at < places.length; at += mean.length) {
    for (let d = 0; d < mean.length; d++) mean[d]! += places[at + d]! / count;
  }
}
