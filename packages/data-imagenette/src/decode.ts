import { availableParallelism } from 'node:os';
import { type PixelImage, StudyError } from '@espalier/core';
import sharp from 'sharp';
import type { ImageFile } from './image-files.ts';

/** A file that is not a whole image, and what the decoder says about it. */
export interface BadFile {
  readonly file: ImageFile;
  readonly problem: string;
}

const mostNamed = 20;
// Decoding waits on the thread pool; a few more than there are cores keep it busy without holding many images.
const decodedAtOnce = 2 * availableParallelism();

/**
 * The pixels of an image file as RGB bytes, decoded in the thread pool.
 *
 * Greyscale becomes three equal channels, CMYK is converted, transparency is laid on black. Pixels stay as stored: an
 * EXIF orientation and a colour profile are not applied, as in Pillow and torchvision, so that boxes and other decoders
 * agree. A truncated or damaged file is an error,
 * never grey pixels.
 */
export async function decodeImage(file: string | Uint8Array): Promise<PixelImage> {
  const { data, info } = await sharp(file, { failOn: 'error', ignoreIcc: true })
    .toColourspace('srgb')
    .flatten({ background: '#000' })
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { data, height: info.height, width: info.width };
}

/** Height and width of an image file as stored, from its header alone. */
export async function imageSize(file: ImageFile): Promise<{ height: number; width: number }> {
  try {
    const { height, width } = await sharp(file.path).metadata();
    return { height, width };
  } catch (error) {
    throw corrupt([{ file, problem: messageOf(error) }]);
  }
}

/**
 * What `use` makes of every decoded file, in order, a bounded number at once.
 *
 * @throws StudyError `data-corrupt`, naming all files that could not be decoded (at most 20 by name).
 */
export async function decodeEach<Result>(
  files: readonly ImageFile[],
  use: (image: PixelImage, index: number) => Result,
): Promise<Result[]> {
  const results = new Array<Result>(files.length);
  const bad: BadFile[] = [];
  await forEachBounded(files, async (file, index) => {
    const decoded = await decodeImage(file.path).catch((error: unknown) => {
      bad.push({ file, problem: messageOf(error) });
    });
    if (decoded) results[index] = use(decoded, index);
  });
  if (bad.length > 0) throw corrupt(bad);
  return results;
}

/** Runs `work` on every item, a bounded number at once. */
export async function forEachBounded<Item>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      await work(items[index]!, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(decodedAtOnce, items.length) }, worker));
}

/** The error that names bad files and says what to do about them. */
export function corrupt(bad: readonly BadFile[]): StudyError {
  const sorted = [...bad].sort((a, b) => (a.file.id < b.file.id ? -1 : 1));
  const named = sorted.slice(0, mostNamed).map(({ file, problem }) => `  ${file.path}: ${problem}`);
  const rest = bad.length > mostNamed ? [`  and ${bad.length - mostNamed} more`] : [];
  return new StudyError(
    'data-corrupt',
    `Expected whole JPEG or PNG images; ${bad.length} of them cannot be decoded:\n${[...named, ...rest].join('\n')}\n` +
      'Replace these files from the original archive, or delete them.',
  );
}

/** The first line of what an error says. */
export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}
