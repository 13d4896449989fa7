import type { Crop, NdArray } from '@espalier/core';
import type { Embeddings } from './pair-similarity.ts';

const levels = 4; // of each colour channel
const colours = levels ** 3;
const orientations = 8;

/**
 * Embeds each crop by its colours and edges, wherever in the crop they are, without any model: a histogram of colours
 * (4 levels of red, green and blue, each pixel shared between the nearest) and one of edge orientations (8 over half a
 * turn, weighted by gradient magnitude). Each half has length 1, so similarity is the mean of the two halves' cosines.
 * A crop without any edge has only its colours.
 *
 * @param images RGB in [0, 1]
 * @returns non-negative, length 1
 */
export function pixelEmbeddings(images: NdArray<'n h w c'>, crops: readonly Crop[]): Embeddings {
  const size = colours + orientations;
  const data = new Float64Array(crops.length * size);
  crops.forEach((crop, p) => {
    const row = data.subarray(p * size, (p + 1) * size);
    addColours(row.subarray(0, colours), images, crop);
    addEdges(row.subarray(colours), images, crop);
    const halves = [row.subarray(0, colours), row.subarray(colours)].map((half) =>
      half.reduce((sum, value) => sum + value * value, 0),
    );
    const parts = halves.filter((squares) => squares > 0).length;
    for (let j = 0; j < size; j++) {
      const squares = halves[j < colours ? 0 : 1]!;
      if (squares > 0) row[j]! /= Math.sqrt(squares * parts);
    }
  });
  return { count: crops.length, size, data };
}

function addColours(histogram: Float64Array, { data, shape }: NdArray, { image, top, left, size }: Crop): void {
  const [, height, width] = shape as [number, number, number, number]; // 'n h w c' has four sizes
  for (let y = top; y < top + size; y++)
    for (let x = left; x < left + size; x++) {
      const at = ((image * height + y) * width + x) * 3;
      const places = [0, 1, 2].map((c) => Math.min(1, Math.max(0, data[at + c]!)) * (levels - 1));
      for (let corner = 0; corner < 8; corner++) {
        let [bin, share] = [0, 1];
        for (let c = 0; c < 3; c++) {
          const low = Math.min(Math.floor(places[c]!), levels - 2);
          const up = (corner >> c) & 1;
          bin = bin * levels + low + up;
          share *= up ? places[c]! - low : 1 - (places[c]! - low);
        }
        histogram[bin]! += share;
      }
    }
}

/** Central differences of brightness, inside the crop; an orientation is shared between the two nearest bins. */
function addEdges(histogram: Float64Array, { data, shape }: NdArray, { image, top, left, size }: Crop): void {
  const [, height, width] = shape as [number, number, number, number]; // 'n h w c' has four sizes
  const brightness = (y: number, x: number) => {
    const at = ((image * height + y) * width + x) * 3;
    return (data[at]! + data[at + 1]! + data[at + 2]!) / 3;
  };
  for (let y = top + 1; y < top + size - 1; y++)
    for (let x = left + 1; x < left + size - 1; x++) {
      const right = brightness(y, x + 1) - brightness(y, x - 1);
      const down = brightness(y + 1, x) - brightness(y - 1, x);
      const magnitude = Math.hypot(right, down);
      if (magnitude < faintest) continue;
      const turn = Math.atan2(down, right) / Math.PI; // an edge and its opposite are one orientation
      const place = (turn - Math.floor(turn)) * orientations;
      const low = Math.floor(place);
      histogram[low % orientations]! += magnitude * (1 - (place - low));
      histogram[(low + 1) % orientations]! += magnitude * (place - low);
    }
}

// Less than this is the rounding of a flat colour and has no orientation.
const faintest = 1e-6;
