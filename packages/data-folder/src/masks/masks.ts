import type { Services } from '@espalier/core';
import { shownPath } from '@espalier/files';
import sharp from 'sharp';
import { changed } from '../contents/bad-files.ts';
import { fileContents, sha256 } from '../contents/content-digests.ts';
import { type ImageSize, readImage } from '../decoding/decode.ts';
import { decodingBudget } from '../decoding/integrity/pixel-budget.ts';
import type { Reading } from '../decoding/reading.ts';
import type { RegionsOf } from '../file-split.ts';
import type { Geometry } from '../geometry.ts';
import type { ImageFile } from '../listing/image-file.ts';
import { maskFormats, wrongMasks } from './mask-files.ts';

/** Masks whose files are whole and of the size of their images. */
export interface Masks {
  /** By id of the image. */
  readonly files: ReadonlyMap<string, ImageFile>;
  /** SHA-256 of the content, by path. */
  readonly digests: ReadonlyMap<string, string>;
}

/** How masks are read. */
export interface MasksReading {
  /** Of the images as they are read, by path. */
  readonly sizes: ReadonlyMap<string, ImageSize>;
  readonly reading: Reading;
  /** Where what was found is remembered. */
  readonly indexFile: string;
}

/**
 * Reads the masks of images once, like the images themselves.
 *
 * @param masks by id of the image
 * @throws StudyError `data-folder/mask` where one is no whole image, or not of the size of its image
 */
export async function readMasks(
  masks: ReadonlyMap<string, ImageFile>,
  images: readonly ImageFile[],
  { sizes, reading, indexFile }: MasksReading,
  services: Services,
): Promise<Masks> {
  const own = images.flatMap(({ id }) => masks.get(id) ?? []);
  const found = await fileContents({ files: own, reading: maskReading(reading), indexFile }, services);
  const damaged = new Map(found.bad.map(({ file, problem }) => [file.id, problem]));
  const problems = images.flatMap(({ id, path }) => {
    const mask = masks.get(id);
    const problem = mask && (damaged.get(id) ?? sizeDifference(found.sizes.get(mask.path)!, sizes.get(path)!));
    return problem === undefined ? [] : [`${shownPath(mask!.path)}: ${problem}`];
  });
  if (problems.length > 0) throw wrongMasks(problems);
  return { files: new Map(own.map((file) => [file.id, file])), digests: found.digests };
}

function maskReading(reading: Reading): Reading {
  return { ...reading, formats: maskFormats, orientation: 'ignore' };
}

function sizeDifference(mask: ImageSize, image: ImageSize): string | undefined {
  if (mask.height === image.height && mask.width === image.width) return undefined;
  return `it has ${mask.width} x ${mask.height} pixels, its image ${image.width} x ${image.height}`;
}

/** The mask of each image as a region called `object`; none of an image without a mask. */
export function maskRegions({ files, digests }: Masks, reading: Reading): RegionsOf {
  return async ({ id }, original, geometry) => {
    const file = files.get(id);
    if (!file) return [];
    const content = await readImage(file.path, maskReading(reading));
    if (sha256(content) !== digests.get(file.path)) throw changed([file]);
    return [{ name: 'object', mask: sampled(await objectPixels(content, original), original, geometry) }];
  };
}

/** One byte per pixel of the mask: 1 where any channel is not zero, on black where it is transparent. */
function objectPixels(content: Uint8Array, { height, width }: ImageSize): Promise<Uint8Array> {
  return decodingBudget.hold(2 * height * width, async () => {
    // In 16 bits: the numbers of objects may be small ones, which 8 bits of 16 would lose.
    const data = await sharp(content, { failOn: 'warning', ignoreIcc: true, limitInputPixels: false })
      .toColourspace('rgb16')
      .flatten({ background: '#000' })
      .raw({ depth: 'ushort' })
      .toBuffer();
    const mask = new Uint8Array(height * width);
    for (let i = 0, at = 0; i < mask.length; i++, at += 6) {
      const isObject = data.readUIntLE(at, 6) !== 0;
      if (isObject) mask[i] = 1;
    }
    return mask;
  });
}

/** The mask at the centres of the pixels of the evaluated image. */
function sampled(mask: Uint8Array, { height, width }: ImageSize, geometry: Geometry): Uint8Array {
  const { size, top, left } = geometry;
  const sampledMask = new Uint8Array(size * size);
  for (let y = 0; y < size; y++) {
    const row = Math.floor(((top + y + 0.5) * height) / geometry.height) * width;
    for (let x = 0; x < size; x++)
      sampledMask[y * size + x] = mask[row + Math.floor(((left + x + 0.5) * width) / geometry.width)]!;
  }
  return sampledMask;
}
