import { createHash } from 'node:crypto';
import {
  type LeftOut,
  type Normalisation,
  ndArray,
  type PixelImage,
  type Split,
  type TruthRegion,
} from '@espalier/core';
import { resizePixels } from '@espalier/images';
import type { ByteStore } from './decoding/byte-store.ts';
import { type ImageSize, readHeader, readImage, readSize } from './decoding/decode.ts';
import { decodeEach } from './decoding/decode-each.ts';
import type { Reading } from './decoding/reading.ts';
import { type Geometry, storageSize } from './geometry.ts';
import type { ImageFile } from './listing/image-file.ts';

/** Of ImageNet, as torchvision's models expect it. */
export const imagenetNormalisation: Normalisation = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** The regions of an image, given its size as it is read and how the evaluated image is made of it. */
export type RegionsOf = (
  file: ImageFile,
  original: ImageSize,
  geometry: Geometry,
) => readonly TruthRegion[] | Promise<readonly TruthRegion[]>;

/** What a split of files is made of. */
export interface FileSplit {
  readonly name: string;
  readonly classes: readonly string[];
  readonly files: readonly ImageFile[];
  /** SHA-256 of each file's content, by path. */
  readonly digests: ReadonlyMap<string, string>;
  /** Size in pixels of each file as it is read, by path; where it is not given, it is read when it is needed. */
  readonly sizes?: ReadonlyMap<string, ImageSize> | undefined;
  /** Files of the whole dataset which could not be used, and are not among `files`. */
  readonly leftOut?: readonly LeftOut[] | undefined;
  readonly reading: Reading;
  /** Height and width of evaluated images, in pixels. */
  readonly size: number;
  /** How an image of this size becomes an evaluated one. */
  readonly geometry: (height: number, width: number) => Geometry;
  /** All that decides the pixels beside the files, as data; it is in the digest. Changed whenever decoding or resizing changes a pixel. */
  readonly preprocessing: readonly unknown[];
  readonly normalisation?: Normalisation;
  readonly store: ByteStore;
  /** What images are known to show; absent when the dataset knows nothing. */
  readonly regions?: RegionsOf | undefined;
}

/** A split whose images are files, decoded when asked for and kept as bytes while the store has room. */
export function fileSplit(options: FileSplit): Split {
  const { name, classes, files, size, regions, normalisation = imagenetNormalisation, leftOut = [] } = options;
  return {
    name,
    ids: files.map(({ id }) => id),
    labels: files.map(({ label }) => label),
    classes,
    height: size,
    width: size,
    normalisation,
    digest: digestOf(options),
    ...(leftOut.length > 0 && { leftOut }),
    images: async (indices) => {
      const batch = ndArray('n h w c', [indices.length, size, size, 3]);
      const images = await prepared(options, 'evaluated', indices, (image) => evaluated(image, options));
      images.forEach(({ data }, i) => {
        const at = i * data.length;
        for (let j = 0; j < data.length; j++) batch.data[at + j] = data[j]! / 255;
      });
      return batch;
    },
    pixels: (indices) =>
      prepared(options, 'stored', indices, (image) => {
        const { height, width } = storageSize(image.height, image.width, size);
        return resizePixels(image, height, width);
      }),
    ...(regions && { truth: (index: number) => truthOf(options, files[index]!, regions) }),
  };
}

function evaluated(image: PixelImage, { geometry }: FileSplit): PixelImage {
  const to = geometry(image.height, image.width);
  return centre(resizePixels(image, to.height, to.width), to);
}

function centre(image: PixelImage, { top, left, size }: Geometry): PixelImage {
  if (image.height === size && image.width === size) return image;
  const data = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    const from = ((top + y) * image.width + left) * 3;
    data.set(image.data.subarray(from, from + size * 3), y * size * 3);
  }
  return { data, height: size, width: size };
}

/** Each image from the store, or decoded, prepared and put there. */
async function prepared(
  { files, store, digests, sizes, reading }: FileSplit,
  purpose: string,
  indices: readonly number[],
  prepare: (image: PixelImage) => PixelImage,
): Promise<readonly PixelImage[]> {
  const keys = indices.map((index) => `${purpose}:${files[index]!.id}`);
  const known = keys.map((key) => store.get(key));
  const absent = [...keys.keys()].filter((i) => !known[i]);
  const made = await decodeEach(
    absent.map((i) => files[indices[i]!]!),
    { digests, sizes, reading },
    prepare,
  );
  absent.forEach((i, j) => {
    store.add(keys[i]!, made[j]!);
    known[i] = made[j];
  });
  return known.map((image) => image!); // each was known or has just been made
}

async function truthOf(
  { geometry, sizes, reading }: FileSplit,
  file: ImageFile,
  regions: RegionsOf,
): Promise<readonly TruthRegion[]> {
  const original =
    sizes?.get(file.path) ?? readSize(await readHeader(await readImage(file.path, reading), reading), reading);
  return regions(file, original, geometry(original.height, original.width));
}

function digestOf({ files, digests, preprocessing, leftOut = [] }: FileSplit): string {
  const hash = createHash('sha256').update(JSON.stringify(preprocessing));
  for (const { id, label, path } of files) hash.update(JSON.stringify([id, label, digests.get(path)]));
  if (leftOut.length > 0) hash.update(JSON.stringify(leftOut));
  return hash.digest('hex');
}
