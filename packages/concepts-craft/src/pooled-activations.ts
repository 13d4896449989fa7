import { type Crop, layerNamed, type Model, type NdArray, ndArray, StudyError } from '@espalier/core';
import { resizeCropInto } from '@espalier/images';
import { type Matrix, zeros } from './matrix.ts';

const cropsPerCall = 32;

/**
 * Activations of `layer` for each crop resized to the model's input, averaged over space: p d.
 *
 * @param onCrops called with the number of crops done
 * @throws StudyError `core/not-supported` when the layer has negative activations.
 */
export async function pooledActivations(
  model: Model,
  layer: string,
  images: NdArray<'n h w c'>,
  crops: readonly Crop[],
  onCrops: (done: number) => void,
): Promise<Matrix> {
  const imageSize = images.data.length / images.shape[0]!;
  const { features } = layerNamed(model.layers, layer);
  const pooled = zeros(crops.length, features);
  for (let start = 0; start < crops.length; start += cropsPerCall) {
    const chunk = crops.slice(start, start + cropsPerCall);
    const batch = ndArray('n h w c', [chunk.length, ...images.shape.slice(1)]);
    chunk.forEach((crop, i) => {
      resizeCropInto(batch.data.subarray(i * imageSize, (i + 1) * imageSize), images, crop);
    });
    const activations = await model.activations(batch, layer);
    expectNonNegative(activations, layer);
    addMeans(pooled, start, activations);
    onCrops(start + chunk.length);
  }
  return pooled;
}

/** @throws StudyError `core/not-supported`: concepts are non-negative parts, and cannot add up to a negative value. */
export function expectNonNegative({ data }: NdArray, layer: string): void {
  const index = data.findIndex((value) => !(value >= 0));
  if (index < 0) return;
  throw new StudyError(
    'core/not-supported',
    `CRAFT needs a layer whose activations are never negative, such as one after a ReLU; "${layer}" gave ` +
      `${data[index]} at index ${index} of ${data.length}. Choose another \`layer\`.`,
  );
}

function addMeans({ columns, data }: Matrix, firstRow: number, activations: NdArray): void {
  const [count, height, width] = activations.shape as [number, number, number, number]; // 'n h w d' has four sizes
  const places = height * width;
  for (let n = 0; n < count; n++) {
    const row = (firstRow + n) * columns;
    for (let place = 0; place < places; place++) {
      const at = (n * places + place) * columns;
      for (let d = 0; d < columns; d++) data[row + d]! += activations.data[at + d]! / places;
    }
  }
}
