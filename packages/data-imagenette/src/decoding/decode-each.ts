import { type PixelImage, StudyError } from '@espalier/core';
import { type BadFile, changed, corrupt, messageOf } from '../folder/bad-files.ts';
import { sha256 } from '../folder/content-digests.ts';
import type { ImageFile } from '../folder/image-file.ts';
import { forEachBounded } from './bounded-work.ts';
import { decodeImage, decodeWhole, headerSize, type ImageSize, readImage } from './decode.ts';

/** What is known of files since the dataset was opened, by path. */
export interface KnownContents {
  /** SHA-256 of the content. */
  readonly digests: ReadonlyMap<string, string>;
  readonly sizes?: ReadonlyMap<string, ImageSize> | undefined;
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
  const bad: BadFile[] = [];
  const other: ImageFile[] = [];
  await forEachBounded(files, async (file, index) => {
    try {
      const content = await readImage(file.path);
      const digest = known.digests.get(file.path);
      const isKnown = digest !== undefined && digest === sha256(content);
      if (!isKnown && digest !== undefined) other.push(file);
      const image = isKnown
        ? await decodeWhole(content, known.sizes?.get(file.path) ?? (await headerSize(content)))
        : await decodeImage(content);
      results[index] = use(image, index);
    } catch (error) {
      bad.push({ file, problem: StudyError.is(error) ? error.message : messageOf(error) });
    }
  });
  if (bad.length > 0) throw corrupt(bad);
  if (other.length > 0) throw changed(other);
  return results;
}
