import { type PixelImage, StudyError } from '@espalier/core';
import { type BadFile, changed, corrupt } from '../contents/bad-files.ts';
import { sha256 } from '../contents/content-digests.ts';
import { messageOf } from '../listing/first-of.ts';
import type { ImageFile } from '../listing/image-file.ts';
import { forEachBounded } from './bounded-work.ts';
import { decodeImage, decodeWhole, type ImageSize, readHeader, readImage } from './decode.ts';
import type { Reading } from './reading.ts';

/** What is known of files since the dataset was opened, by path. */
export interface KnownContents {
  /** SHA-256 of the content. */
  readonly digests: ReadonlyMap<string, string>;
  readonly sizes?: ReadonlyMap<string, ImageSize> | undefined;
  readonly reading: Reading;
}

/**
 * What `use` makes of every decoded file, in order, a bounded number at once.
 *
 * A file of a known digest was verified when the dataset was opened; that it is still the same is seen from its digest.
 *
 * @throws StudyError `core/data-corrupt`, naming the files that could not be decoded or have changed (at most 20 by name).
 */
export async function decodeEach<Result>(
  files: readonly ImageFile[],
  known: KnownContents,
  use: (image: PixelImage, index: number) => Result,
): Promise<Result[]> {
  const results = new Array<Result>(files.length);
  const { digests, sizes, reading } = known;
  const bad: BadFile[] = [];
  const other: ImageFile[] = [];
  await forEachBounded(files, async (file, index) => {
    try {
      const content = await readImage(file.path, reading);
      const digest = digests.get(file.path);
      const isKnown = digest !== undefined && digest === sha256(content);
      if (!isKnown && digest !== undefined) other.push(file);
      const image = isKnown
        ? await decodeWhole(content, sizes?.get(file.path) ?? (await readHeader(content, reading)), reading)
        : await decodeImage(content, reading);
      results[index] = use(image, index);
    } catch (error) {
      bad.push({ file, problem: StudyError.is(error) ? error.message : messageOf(error) });
    }
  });
  if (bad.length > 0) throw corrupt(bad, reading.formats.words);
  if (other.length > 0) throw changed(other);
  return results;
}
