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
import type { Box } from './boxes/boxes.ts';
import { boxMask } from './boxes/boxes.ts';
import { evaluationGeometry, type Geometry, storageSize } from './boxes/geometry.ts';
import { classNames } from './classes.ts';
import type { ByteStore } from './decoding/byte-store.ts';
import { headerSize, type ImageSize, readImage } from './decoding/decode.ts';
import { decodeEach } from './decoding/decode-each.ts';
import type { ImageFile } from './folder/image-file.ts';

/** Of ImageNet, as torchvision's models expect it. */
export const imagenetNormalisation: Normalisation = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

// Raise it whenever decoding or resizing changes a pixel: it is in every digest.
const preprocessingVersion = 1;

export interface FileSplit {
  readonly name: string;
  readonly files: readonly ImageFile[];
  /** SHA-256 of each file's content, by path. */
  readonly digests: ReadonlyMap<string, string>;
  /** Size in pixels of each file, by path; where it is not given, it is read when it is needed. */
  readonly sizes?: ReadonlyMap<string, ImageSize> | undefined;
  /** Damaged files of the whole dataset, which are not among `files`. */
  readonly leftOut?: readonly LeftOut[] | undefined;
  /** Height and width of evaluated images, in pixels. */
  readonly size: number;
  readonly resizeRatio: number;
  readonly store: ByteStore;
  /** Boxes by sample id, in pixels of the original image; absent when the dataset knows none. */
  readonly boxes?: ReadonlyMap<string, readonly Box[]> | undefined;
}

/** A split whose images are files, decoded when asked for and kept as bytes while the store has room. */
export function fileSplit(options: FileSplit): Split {
  const { name, files, size, boxes, leftOut = [] } = options;
  return {
    name,
    ids: files.map(({ id }) => id),
    labels: files.map(({ label }) => label),
    classes: classNames,
    height: size,
    width: size,
    normalisation: imagenetNormalisation,
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
    ...(boxes && { truth: (index: number) => truthOf(options, files[index]!, boxes) }),
  };
}

function evaluated(image: PixelImage, { size, resizeRatio }: FileSplit): PixelImage {
  const geometry = evaluationGeometry(image.height, image.width, size, resizeRatio);
  return centre(resizePixels(image, geometry.height, geometry.width), geometry);
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
  { files, store, digests, sizes }: FileSplit,
  purpose: string,
  indices: readonly number[],
  prepare: (image: PixelImage) => PixelImage,
): Promise<readonly PixelImage[]> {
  const keys = indices.map((index) => `${purpose}:${files[index]!.id}`);
  const known = keys.map((key) => store.get(key));
  const absent = [...keys.keys()].filter((i) => !known[i]);
  const made = await decodeEach(
    absent.map((i) => files[indices[i]!]!),
    { digests, sizes },
    prepare,
  );
  absent.forEach((i, j) => {
    store.add(keys[i]!, made[j]!);
    known[i] = made[j];
  });
  return known.map((image) => image!); // each was known or has just been made
}

async function truthOf(
  { size, resizeRatio, sizes }: FileSplit,
  file: ImageFile,
  boxes: ReadonlyMap<string, readonly Box[]>,
): Promise<readonly TruthRegion[]> {
  const own = boxes.get(file.id);
  if (!own) return [];
  const { height, width } = sizes?.get(file.path) ?? (await headerSize(await readImage(file.path)));
  const geometry = evaluationGeometry(height, width, size, resizeRatio);
  return own.map((box) => ({ name: 'object', mask: boxMask(box, { height, width }, geometry) }));
}

function digestOf({ files, digests, size, resizeRatio, leftOut = [] }: FileSplit): string {
  const hash = createHash('sha256').update(JSON.stringify([preprocessingVersion, size, resizeRatio]));
  for (const { id, label, path } of files) hash.update(JSON.stringify([id, label, digests.get(path)]));
  if (leftOut.length > 0) hash.update(JSON.stringify(leftOut));
  return hash.digest('hex');
}
