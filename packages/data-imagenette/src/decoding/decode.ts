import type { PixelImage } from '@espalier/core';
import { fileFormat, foundInstead, readRegularFile } from '@espalier/files';
import sharp from 'sharp';
import { jpegProblem } from './integrity/jpeg-problem.ts';
import { decodingBudget, mostPixels } from './integrity/pixel-budget.ts';
import { pngProblem } from './integrity/png-problem.ts';

/** Height and width of an image as stored, in pixels. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

/** Most bytes of one image file: what a file of more of them is, is no photograph. */
export const mostImageBytes = 64 * 2 ** 20;

/**
 * The pixels of an image as RGB bytes, decoded in the thread pool.
 *
 * Greyscale becomes three equal channels, CMYK is converted, transparency is laid on black. Pixels stay as stored: an
 * EXIF orientation and a colour profile are not applied, as in Pillow and torchvision, so that boxes and other decoders
 * agree. The file must be a whole JPEG or PNG by its bytes, whatever its name.
 *
 * @param file its path, or its content
 * @throws an error whose message is a clause about the file, such as `it is cut short`; a StudyError where a path cannot be read
 */
export async function decodeImage(file: string | Uint8Array): Promise<PixelImage> {
  const content = typeof file === 'string' ? await readImage(file) : file;
  const size = await checkedSize(content);
  return decodeWhole(content, size);
}

/** The bytes of an image file, opened without waiting and of at most {@link mostImageBytes}. */
export function readImage(path: string): Promise<Buffer> {
  return readRegularFile(path, { what: 'a JPEG or PNG image', most: mostImageBytes });
}

/**
 * The size of an image that is whole: every code of a JPEG is followed, every checksum of a PNG is compared, and the
 * decoder draws it without a warning.
 *
 * @throws an error whose message says, as a clause, what is wrong
 */
export async function verifiedSize(content: Uint8Array): Promise<ImageSize> {
  const size = await checkedSize(content);
  await decodeWhole(content, size);
  return size;
}

/** Height and width from the header alone, of a JPEG or PNG that is not too large to be decoded. */
export async function headerSize(content: Uint8Array): Promise<ImageSize> {
  const format = fileFormat(content)?.name;
  if (format !== 'jpeg' && format !== 'png') throw new Error(foundInstead(content) ?? 'it is neither a JPEG nor a PNG');
  const { height, width } = await sharp(content, { limitInputPixels: false }).metadata();
  if (height * width <= mostPixels) return { height, width };
  throw new Error(`it has ${width} x ${height} pixels, more than ${mostPixels}; make it smaller`);
}

/** The pixels of an image of a known size, without looking for more damage than the decoder notices. */
export function decodeWhole(content: Uint8Array, { height, width }: ImageSize): Promise<PixelImage> {
  return decodingBudget.hold(height * width, async () => {
    const { data, info } = await sharp(content, { failOn: 'warning', ignoreIcc: true, limitInputPixels: mostPixels })
      .toColourspace('srgb')
      .flatten({ background: '#000' })
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { data, height: info.height, width: info.width };
  });
}

async function checkedSize(content: Uint8Array): Promise<ImageSize> {
  const size = await headerSize(content);
  const problem = content[0] === 0xff ? jpegProblem(content) : pngProblem(content);
  if (problem === undefined) return size;
  throw new Error(problem);
}
