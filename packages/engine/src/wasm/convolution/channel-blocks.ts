import type { FloatBuffer, Heap } from '../heap.ts';
import { copyBox } from '../layout.ts';
import type { Geometry } from './geometry.ts';

/** Some neighbouring input channels. */
export interface ChannelBlock {
  readonly start: number;
  readonly size: number;
}

/**
 * XNNPACK adds the products behind an output one after the other in float32, and the error of such a sum grows with its
 * length. Sums of at most so many products are added up in their turn. Without that, the input gradients that model-resnet's
 * tests compare with PyTorch's miss their bar: a relu whose input is 1e-6 closes.
 */
const longestSum = 576; // 64 channels under a kernel of 3 x 3

/** All input channels in blocks whose sums are short enough; one block where there are few. */
export function channelBlocks({ inputs, rows, columns }: Geometry): readonly ChannelBlock[] {
  const fitting = Math.floor(longestSum / (rows.taps * columns.taps));
  const most = Math.max(4, fitting - (fitting % 4)); // whole vectors are copied faster
  return Array.from({ length: Math.ceil(inputs / most) }, (_, i) => ({
    start: i * most,
    size: Math.min(most, inputs - i * most),
  }));
}

/** A block of the channels of `[places, channels]`, whose owner releases it; shared where the block is all of them. */
export function channelsOf(heap: Heap, x: FloatBuffer, channels: number, { start, size }: ChannelBlock): FloatBuffer {
  if (size === channels) return x.share();
  const places = x.count / channels;
  const part = heap.allocate(places * size);
  copyBox(heap, {
    images: 1,
    height: 1,
    width: places,
    run: size,
    source: { buffer: x, start, image: 0, row: 0, step: channels },
    target: { buffer: part, start: 0, image: 0, row: 0, step: size },
  });
  return part;
}

/** The part of the kernel `[h, w, i, o]` that meets a block of the input channels; kept as long as the kernel is. */
export function kernelOf(
  heap: Heap,
  kernel: FloatBuffer,
  { inputs, outputs }: Geometry,
  { start, size }: ChannelBlock,
): FloatBuffer {
  if (size === inputs) return kernel;
  return kernel.derive(`channels ${start} ${size}`, () =>
    channelsOf(heap, kernel, inputs * outputs, { start: start * outputs, size: size * outputs }),
  );
}
