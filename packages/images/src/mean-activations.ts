import { type Crop, expectFinite, layerNamed, type Model, type NdArray, ndArray, placesOfLayer } from '@espalier/core';
import { keepMeans, keptMeans, keyOfCrops } from './kept-activations.ts';
import { resizeCropInto } from './resize-crop-into.ts';

const cropsPerCall = 32;

/** Crops of images, and the layer that sees them. */
export interface SeenCrops {
  readonly model: Model;
  readonly layer: string;
  readonly images: NdArray<'n h w c'>;
  readonly crops: readonly Crop[];
}

/**
 * Activations of `layer` for each crop enlarged to the whole image, averaged over the places of the image: row-major `p d`, one row per crop.
 * Class tokens lie nowhere on the image and do not count. What a model gave for the same crops of the same images is given again.
 *
 * @param refuse gets each crop's activations at those places, `d` values each, before they are averaged, and throws at what cannot be used;
 * nothing is given again where it is there
 * @param told is called with the number of crops that are done, after every few
 * @throws StudyError `core/values-not-finite`
 */
export async function meanActivations(
  seen: SeenCrops,
  asked: { readonly refuse?: (places: Float32Array) => void; readonly told: (done: number) => void },
): Promise<Float64Array> {
  const { model, layer, images, crops } = seen;
  if (asked.refuse) return newMeans(seen, asked);
  const key = keyOfCrops(layer, images, crops);
  const known = keptMeans(model, key);
  if (known) {
    asked.told(crops.length);
    return known;
  }
  const means = await newMeans(seen, asked);
  keepMeans(model, key, means);
  return means;
}

async function newMeans(
  { model, layer, images, crops }: SeenCrops,
  { refuse, told }: { readonly refuse?: (places: Float32Array) => void; readonly told: (done: number) => void },
): Promise<Float64Array> {
  const imageSize = images.data.length / images.shape[0]!;
  const info = layerNamed(model.layers, layer);
  const { features } = info;
  const first = placesOfLayer(info).leading * features;
  const means = new Float64Array(crops.length * features);
  for (let start = 0; start < crops.length; start += cropsPerCall) {
    const chunk = crops.slice(start, start + cropsPerCall);
    const batch = ndArray('n h w c', [chunk.length, ...images.shape.slice(1)]);
    chunk.forEach((crop, i) => {
      resizeCropInto(batch.data.subarray(i * imageSize, (i + 1) * imageSize), images, crop);
    });
    const { data } = await model.activations(batch, layer);
    const perCrop = data.length / chunk.length;
    chunk.forEach((_, i) => {
      const places = data.subarray(i * perCrop + first, (i + 1) * perCrop);
      expectFinite(places, `activations of "${layer}"`);
      refuse?.(places);
      addMean(means.subarray((start + i) * features, (start + i + 1) * features), places);
    });
    told(start + chunk.length);
  }
  return means;
}

/** Adds the mean of `d` features over places to `mean`. */
function addMean(mean: Float64Array, places: Float32Array): void {
  const count = places.length / mean.length;
  for (let at = 0; at < places.length; at += mean.length) {
    for (let d = 0; d < mean.length; d++) mean[d]! += places[at + d]! / count;
  }
}
