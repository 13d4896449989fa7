import {
  type Crop,
  expectFinite,
  layerNamed,
  type Model,
  type NdArray,
  ndArray,
  placesOfLayer,
  type Services,
} from '@espalier/core';
import { resizeCropInto } from '@espalier/images';
import { type Embeddings, toUnitLength } from './pair-similarity.ts';

const cropsPerCall = 32;

/** Each crop's mean activations over the places of a layer, scaled to length 1. @throws StudyError `core/values-not-finite` */
export async function modelEmbeddings(
  model: Model,
  layer: string,
  { images, crops }: { readonly images: NdArray<'n h w c'>; readonly crops: readonly Crop[] },
  { signal }: Services,
): Promise<Embeddings> {
  const imageSize = images.data.length / images.shape[0]!;
  const info = layerNamed(model.layers, layer);
  const { features: size } = info;
  const first = placesOfLayer(info).leading * size;
  const data = new Float64Array(crops.length * size);
  for (let start = 0; start < crops.length; start += cropsPerCall) {
    signal.throwIfAborted();
    const chunk = crops.slice(start, start + cropsPerCall);
    const batch = ndArray('n h w c', [chunk.length, ...images.shape.slice(1)]);
    chunk.forEach((crop, i) => {
      resizeCropInto(batch.data.subarray(i * imageSize, (i + 1) * imageSize), images, crop);
    });
    const activations = await model.activations(batch, layer);
    expectFinite(activations.data, `activations of "${layer}" for crops`);
    const perCrop = activations.data.length / chunk.length;
    activations.data.forEach((value, i) => {
      if (i % perCrop < first) return; // a class token lies nowhere on the crop
      data[(start + Math.floor(i / perCrop)) * size + (i % size)]! += value;
    });
  }
  return toUnitLength({ count: crops.length, size, data });
}
