import { type ChannelShape, groupsOf } from './batch-norm.ts';
import type { FloatBuffer, Heap } from './heap.ts';
import { addressOf } from './layout.ts';

/** Sums over the rows of each image, in float64, over `divisor`: `[images, channels]`. */
export function sumRows(
  heap: Heap,
  x: FloatBuffer,
  images: number,
  { rows, channels }: ChannelShape,
  divisor: number,
): FloatBuffer {
  using sums = heap.doubles(images * channels);
  const { groups, lanes } = groupsOf(channels);
  const channelSums = heap.kernels[`channelSums${lanes}`];
  for (let image = 0; image < images; image++) {
    channelSums(addressOf(x, image * rows * channels), sums.address + 8 * image * channels, rows, groups);
  }
  return heap.from(sums.doubles.map((sum) => sum / divisor));
}

/** `[images, channels]` spread evenly over the rows of each image. */
export function spreadOverRows(
  heap: Heap,
  x: FloatBuffer,
  images: number,
  { rows, channels }: ChannelShape,
): FloatBuffer {
  const spread = heap.allocate(images * rows * channels);
  const [from, to] = [x.values, spread.values];
  for (let image = 0; image < images; image++) {
    const share = from.subarray(image * channels, (image + 1) * channels).map((value) => value / rows);
    for (let row = 0; row < rows; row++) to.set(share, (image * rows + row) * channels);
  }
  return spread;
}
