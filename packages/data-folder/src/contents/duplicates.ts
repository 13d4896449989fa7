import { type LeftOut, StudyError } from '@espalier/core';
import { shownPath } from '@espalier/files';
import { count, firstOf } from '../listing/first-of.ts';
import type { ImageFile } from '../listing/image-file.ts';

/** An image whose content another part has, too. */
export interface Duplicate {
  readonly file: ImageFile;
  /** That in the earlier part. */
  readonly of: ImageFile;
}

/**
 * Images whose bytes an earlier part has: what a network trained on says nothing of what it evaluates on.
 *
 * @param parts in their order
 * @param digests of the content, by path
 */
export function duplicatesAcross(
  parts: readonly (readonly ImageFile[])[],
  digests: ReadonlyMap<string, string>,
): readonly Duplicate[] {
  const first = new Map<string, ImageFile>();
  return parts.flatMap((files) => {
    const found = files.flatMap((file) => {
      const of = first.get(digests.get(file.path)!);
      return of ? [{ file, of }] : [];
    });
    for (const file of files) {
      const digest = digests.get(file.path)!;
      if (!first.has(digest)) first.set(digest, file);
    }
    return found;
  });
}

/** The error that names images which are in two parts. */
export function duplicated(duplicates: readonly Duplicate[]): StudyError {
  const pairs = duplicates.map(({ file, of }) => `  ${shownPath(of.path)} = ${shownPath(file.path)}`);
  return new StudyError(
    'data-folder/duplicate',
    `Expected no image in two parts of the dataset; ${count(duplicates.length, 'file has', 'files have')} the content of one in ` +
      `another part:\n${firstOf(pairs, 10, '\n', '  ')}\nDelete one of each, or set "onDuplicate" to "skip", which leaves the second out, or to "warn".`,
  );
}

/** Duplicates as those who read a report know them. */
export function duplicatesLeftOut(duplicates: readonly Duplicate[]): readonly LeftOut[] {
  return duplicates.map(({ file, of }) => ({ id: file.id, reason: `it has the content of ${of.id}` }));
}

/** Pairs of images that have one content and two labels within one part. */
export function contradictions(
  files: readonly ImageFile[],
  digests: ReadonlyMap<string, string>,
): readonly Duplicate[] {
  const first = new Map<string, ImageFile>();
  return files.flatMap((file) => {
    const digest = digests.get(file.path)!;
    const of = first.get(digest);
    if (!of) first.set(digest, file);
    return of && of.label !== file.label ? [{ file, of }] : [];
  });
}
