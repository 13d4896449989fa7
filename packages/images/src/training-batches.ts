import {
  type Batch,
  type BatchSource,
  type NdArray,
  ndArray,
  type PixelImage,
  type RandomStream,
  randomStream,
  type Split,
  StudyError,
} from '@espalier/core';
import { type CropRange, randomCropBox, resizeCrop } from './random-resized-crop.ts';

/** How training images are put together; a part of {@link TrainOptions}. */
export interface BatchOptions {
  readonly batchSize: number;
  /** Random resized crop; null takes the images as evaluated. */
  readonly crop: CropRange | null;
  /** Mirror half of the images left to right. */
  readonly flip: boolean;
}

// Enough that decoding goes on while a step computes; more only holds memory.
const batchesAhead = 3;

/**
 * The batches of a training run over `split`: every epoch in its own random order, each image cropped and mirrored
 * by numbers that depend on the seed, the epoch and its sample id alone, not on its batch mates.
 *
 * The last batch of an epoch may be smaller. One image alone has no batch statistics, so a last batch of one is left
 * out (another image in every epoch), unless `batchSize` is 1.
 *
 * @throws StudyError `core/data-missing` when no batch can be made.
 */
export function trainingBatches(split: Split, options: BatchOptions, seed: number): BatchSource {
  const { batchSize } = options;
  const count = split.ids.length;
  const imagesPerEpoch = batchSize > 1 && count % batchSize === 1 ? count - 1 : count;
  if (imagesPerEpoch === 0) {
    throw new StudyError(
      'core/data-missing',
      `Training needs at least two images; the split "${split.name}" has ${count}. Give it more images.`,
    );
  }
  return {
    imagesPerEpoch,
    batchesPerEpoch: Math.ceil(imagesPerEpoch / batchSize),
    epoch(index) {
      const order = randomStream(seed, 'order', index)
        .shuffled([...split.ids.keys()])
        .slice(0, imagesPerEpoch);
      const parts = Array.from({ length: Math.ceil(imagesPerEpoch / batchSize) }, (_, i) =>
        order.slice(i * batchSize, (i + 1) * batchSize),
      );
      return preparedAhead(parts, (indices) => makeBatch(split, options, indices, seed, index));
    },
  };
}

async function makeBatch(
  split: Split,
  { crop, flip }: BatchOptions,
  indices: readonly number[],
  seed: number,
  epoch: number,
): Promise<Batch> {
  const labels = indices.map((index) => split.labels[index]!);
  const streams = indices.map((index) => randomStream(seed, 'augment', epoch, split.ids[index]!));
  if (crop) return { images: cropped(await split.pixels(indices), streams, crop, flip, split), labels };
  const images = await split.images(indices);
  return { images: flip ? mirroredAtRandom(images, streams) : images, labels };
}

function cropped(
  images: readonly PixelImage[],
  streams: readonly RandomStream[],
  crop: CropRange,
  flip: boolean,
  { height, width }: Split,
): NdArray<'n h w c'> {
  const batch = ndArray('n h w c', [images.length, height, width, 3]);
  images.forEach((image, i) => {
    const stream = streams[i]!;
    const size = { height, width, flip: flip && isMirrored(stream) };
    const box = randomCropBox(stream, image.height, image.width, crop);
    resizeCrop(image, box, size, batch.data, i * height * width * 3);
  });
  return batch;
}

function mirroredAtRandom(images: NdArray<'n h w c'>, streams: readonly RandomStream[]): NdArray<'n h w c'> {
  const [, height, width, channels] = images.shape as [number, number, number, number]; // 'n h w c' has four sizes
  const data = images.data.slice();
  for (const [n, stream] of streams.entries()) {
    if (!isMirrored(stream)) continue;
    for (let line = n * height; line < (n + 1) * height; line++) mirrorLine(images.data, data, line, width, channels);
  }
  return { ...images, data };
}

/** Copies a line of pixels from `source` to `target`, right to left. */
function mirrorLine(source: Float32Array, target: Float32Array, line: number, width: number, channels: number): void {
  for (let x = 0; x < width; x++) {
    const from = (line * width + width - 1 - x) * channels;
    const to = (line * width + x) * channels;
    for (let c = 0; c < channels; c++) target[to + c] = source[from + c]!;
  }
}

// The first number of an image's stream, with and without a crop.
function isMirrored(stream: RandomStream): boolean {
  return stream.uint32() >= 2 ** 31;
}

/** The results of `prepare` in order, a few of them always under way. */
async function* preparedAhead<Item, Result>(
  items: readonly Item[],
  prepare: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void, undefined> {
  const pending: Promise<Result>[] = [];
  const start = (item: Item): void => {
    const result = prepare(item);
    result.catch(() => {}); // reported when its turn comes; until then it must not count as unhandled
    pending.push(result);
  };
  items.slice(0, batchesAhead).forEach(start);
  for (let next = batchesAhead; pending.length > 0; next++) {
    const result = await pending.shift()!;
    if (next < items.length) start(items[next]!);
    yield result;
  }
}
