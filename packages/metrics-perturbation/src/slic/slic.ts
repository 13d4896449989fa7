import { roundHalfEven } from '@espalier/core';
import type { ImageSize } from '@espalier/images';
import { connected } from './connected.ts';
import { labColours } from './lab-colours.ts';

/** What superpixels are asked for. */
export interface Superpixels {
  /** About how many. */
  readonly segments: number;
  /** How much being near counts beside being of one colour. */
  readonly compactness: number;
}

const rounds = 10;

/** A centre: row, column, and colour. */
type Centre = [number, number, number, number, number];

/**
 * Superpixels by SLIC (Achanta et al. 2012): k-means of pixels by place and CIELAB colour, each centre looking around itself alone; then every
 * segment is made one piece. As scikit-image 0.26 does it, which stretches the values of an image to [0, 1] first and does not smooth.
 *
 * @param image row-major `h w c`, three channels
 * @returns the segment of each pixel, row-major, from 0 without gaps
 */
export function slic(image: Float32Array, size: ImageSize, { segments, compactness }: Superpixels): Int32Array {
  const colours = labColours(image).map((value) => value / compactness);
  const grid = gridOf(size, segments);
  const labels = clustered(colours, size, grid);
  const area = (size.height * size.width) / (grid.rows.length * grid.columns.length);
  return connected(labels, size, { least: Math.floor(0.5 * area), most: Math.floor(3 * area) });
}

interface Grid {
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  /** From one centre to the next. */
  readonly stepY: number;
  readonly stepX: number;
}

/** Centres at equal steps, about `count` of them. */
function gridOf({ height, width }: ImageSize, count: number): Grid {
  const [short, long] = [Math.min(height, width), Math.max(height, width)];
  const even = Math.max(1, Math.sqrt((height * width) / count));
  // An image that is narrower than a step has one row, and its steps are along it alone.
  const [across, along] = even > short ? [short, Math.max(1, long / count)] : [even, even];
  const [y, x] = height <= width ? [across, along] : [along, across];
  const places = (length: number, step: number) => {
    const whole = roundHalfEven(step);
    const start = Math.floor(step / 2);
    return Array.from({ length: Math.ceil((length - start) / whole) }, (_, i) => start + i * whole);
  };
  return { rows: places(height, y), columns: places(width, x), stepY: roundHalfEven(y), stepX: roundHalfEven(x) };
}

function clustered(
  colours: Float64Array,
  { height, width }: ImageSize,
  { rows, columns, stepY, stepX }: Grid,
): Int32Array {
  const centres = rows.flatMap((y) => columns.map((x): Centre => [y, x, 0, 0, 0]));
  const nearness = 1 / Math.max(stepY, stepX) ** 2;
  const labels = new Int32Array(height * width);
  const distances = new Float64Array(height * width);
  for (let round = 0; round < rounds; round++) {
    distances.fill(Number.POSITIVE_INFINITY);
    for (const [k, [y, x, ...colour]] of centres.entries()) {
      const [bottom, right] = [
        Math.min(height, Math.floor(y + 2 * stepY + 1)),
        Math.min(width, Math.floor(x + 2 * stepX + 1)),
      ];
      for (let row = Math.max(0, Math.floor(y - 2 * stepY)); row < bottom; row++)
        for (let column = Math.max(0, Math.floor(x - 2 * stepX)); column < right; column++) {
          const pixel = row * width + column;
          let distance = ((y - row) ** 2 + (x - column) ** 2) * nearness;
          for (let c = 0; c < 3; c++) distance += (colours[3 * pixel + c]! - colour[c]!) ** 2;
          if (distance >= distances[pixel]!) continue;
          distances[pixel] = distance;
          labels[pixel] = k;
        }
    }
    moveTo(centres, labels, colours, width);
  }
  return labels;
}

/** Moves every centre to the mean of its pixels; one without any stays. */
function moveTo(centres: Centre[], labels: Int32Array, colours: Float64Array, width: number): void {
  const sums = centres.map((): Centre => [0, 0, 0, 0, 0]);
  const counts = new Float64Array(centres.length);
  labels.forEach((k, pixel) => {
    const sum = sums[k]!;
    counts[k]!++;
    sum[0] += Math.floor(pixel / width);
    sum[1] += pixel % width;
    for (let c = 0; c < 3; c++) sum[2 + c]! += colours[3 * pixel + c]!;
  });
  sums.forEach((sum, k) => {
    if (counts[k]! > 0) centres[k] = sum.map((value) => value / counts[k]!) as Centre; // as many
  });
}
