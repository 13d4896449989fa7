import type { PixelImage } from '@espalier/core';
import { fileFormat, foundInstead, readRegularFile } from '@espalier/files';
import sharp, { type Metadata } from 'sharp';
import { messageOf } from '../listing/first-of.ts';
import { jpegProblem } from './integrity/jpeg-problem.ts';
import { decodingBudget } from './integrity/pixel-budget.ts';
import { isAnimatedPng, pngProblem } from './integrity/png-problem.ts';
import { plainReading, type Reading } from './reading.ts';

/** Height and width of an image, in pixels. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

/** What an image file says of itself; the size is that of its stored pixels. */
export interface ImageHeader extends ImageSize {
  /** Pages or frames, of which the first is read. */
  readonly pages: number;
  /** Of EXIF, 1 to 8: how the stored pixels are to be turned. */
  readonly orientation: number;
}

/** Most bytes of one image file: what a file of more of them is, is no photograph. */
const mostImageBytes = 64 * 2 ** 20;

/**
 * The pixels of an image as RGB bytes, decoded in the thread pool.
 *
 * Greyscale becomes three equal channels, CMYK is converted, of 16 bits the upper 8 are kept, palettes are looked up. A colour
 * profile is not applied, as in Pillow and torchvision. The file must be whole, and of one of the formats by its bytes, whatever its name.
 *
 * @param file its path, or its content
 * @param reading JPEG and PNG as they are stored, transparency on black, if it is not said
 * @throws an error whose message is a clause about the file, such as `it is cut short`; a StudyError where a path cannot be read
 */
export async function decodeImage(file: string | Uint8Array, reading: Reading = plainReading): Promise<PixelImage> {
  const content = typeof file === 'string' ? await readImage(file, reading) : file;
  const header = await checkedHeader(content, reading);
  return decodeWhole(content, header, reading);
}

/** The bytes of an image file, opened without waiting and of at most 64 MiB. */
export function readImage(path: string, { formats }: Reading): Promise<Buffer> {
  return readRegularFile(path, { what: `a ${formats.words} image`, most: mostImageBytes });
}

/**
 * The header of an image that is whole: every code of a JPEG is followed, every checksum of a PNG is compared, and the
 * decoder draws it without a warning.
 *
 * @throws an error whose message says, as a clause, what is wrong
 */
export async function verifiedHeader(content: Uint8Array, reading: Reading): Promise<ImageHeader> {
  const header = await checkedHeader(content, reading);
  await decodeWhole(content, header, reading);
  return header;
}

/** The header alone, of an image of a format that is read, and not too large to be decoded. */
export async function readHeader(content: Uint8Array, reading: Reading): Promise<ImageHeader> {
  const format = fileFormat(content)?.name;
  if (format === undefined || !reading.formats.names.includes(format))
    throw new Error(foundInstead(content) ?? `it is no ${reading.formats.words} image`);
  const metadata = await sharp(content, { limitInputPixels: false }).metadata().catch(refuse);
  const problem = pixelProblem(metadata) ?? sizeProblem(metadata, reading);
  if (problem !== undefined) throw new Error(problem);
  const { height, width, pages = 1, orientation = 1 } = metadata;
  return { height, width, pages: isAnimatedPng(content) ? Math.max(2, pages) : pages, orientation };
}

/** What is wrong with an image for its size alone, as a clause. */
export function sizeProblem({ height, width }: ImageSize, { mostPixels }: Reading): string | undefined {
  if (height * width <= mostPixels) return undefined;
  return `it has ${width} x ${height} pixels, more than ${mostPixels}; make it smaller`;
}

/** Numbers of an image that bytes of red, green and blue cannot be made of without a choice that is not ours. */
function pixelProblem({ depth, space, compression }: Metadata): string | undefined {
  if (compression === 'hevc')
    return 'it is a HEIC image, whose compression (HEVC) cannot be decoded here; save it as JPEG or PNG';
  if (depth !== 'uchar' && depth !== 'ushort')
    return `its numbers are of the type "${depth}"; save it with 8 or 16 bits per channel`;
  if (['srgb', 'rgb', 'b-w', 'cmyk', 'rgb16', 'grey16'].includes(space)) return undefined;
  return `its colours are of the kind "${space}"; save it as RGB or greyscale`;
}

/** The size of an image as it is read: turned, where its orientation is applied. */
export function readSize({ height, width, orientation }: ImageHeader, reading: Reading): ImageSize {
  const isOnItsSide = reading.orientation === 'apply' && orientation >= 5;
  return isOnItsSide ? { height: width, width: height } : { height, width };
}

/** The pixels of an image of a known size, without looking for more damage than the decoder notices. */
export function decodeWhole(content: Uint8Array, { height, width }: ImageSize, reading: Reading): Promise<PixelImage> {
  const { mostPixels, orientation, background } = reading;
  return decodingBudget.hold(height * width, async () => {
    const image = sharp(content, { failOn: 'warning', ignoreIcc: true, limitInputPixels: mostPixels });
    const { data, info } = await (orientation === 'apply' ? image.autoOrient() : image)
      .toColourspace('srgb')
      .flatten({ background })
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
      .catch(refuse);
    return { data, height: info.height, width: info.width };
  });
}

async function checkedHeader(content: Uint8Array, reading: Reading): Promise<ImageHeader> {
  const header = await readHeader(content, reading);
  const problem = damageIn(content);
  if (problem === undefined) return header;
  throw new Error(problem);
}

/** Damage that a decoder passes over, where the format lets it be seen. */
function damageIn(content: Uint8Array): string | undefined {
  const format = fileFormat(content)?.name;
  if (format === 'jpeg') return jpegProblem(content);
  return format === 'png' ? pngProblem(content) : undefined;
}

/** What a decoder says, as a clause. */
function refuse(cause: unknown): never {
  throw new Error(`it is damaged: its decoder says "${messageOf(cause)}"`, { cause });
}
