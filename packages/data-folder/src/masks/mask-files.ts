import { join } from 'node:path';
import { StudyError } from '@espalier/core';
import { shownPath } from '@espalier/files';
import type { ImageFormats } from '../decoding/formats.ts';
import { firstOf } from '../listing/first-of.ts';
import { contentOf } from '../listing/folder-entries.ts';
import { grouped } from '../listing/grouped.ts';
import type { ImageFile } from '../listing/image-file.ts';

/** Formats that keep what was drawn: around the edges of a JPEG nothing stays black. */
export const maskFormats: ImageFormats = {
  words: 'PNG, GIF or TIFF',
  names: ['png', 'gif', 'tiff'],
  ending: /\.(png|gif|tiff?)$/i,
};

/**
 * The mask of each image that has one, by the image's id: at the image's place below `folder`, under its name with any ending.
 *
 * @param images all of the dataset
 * @throws StudyError `data-folder/mask` where a mask is that of no image or of two, or an image has two; `core/data-missing` where
 *   there is no folder, or no mask in it; `files/unreadable`
 */
export function maskFiles(folder: string, images: readonly ImageFile[]): ReadonlyMap<string, ImageFile> {
  const masks = new Map<string, ImageFile>();
  const problems: string[] = [];
  if (!contentOf(folder, 'a folder of masks')) throw missing(folder, 'There is no folder');
  for (const [place, own] of grouped(images, ({ id }) => id.slice(0, id.lastIndexOf('/')))) {
    const byStem = grouped(own, ({ id }) => stemOf(id.slice(place.length + 1)));
    for (const { name, kind } of contentOf(join(folder, place), 'masks of a class')?.entries ?? []) {
      if (kind === 'folder') continue;
      const path = join(folder, place, name);
      const [image, other] = byStem.get(stemOf(name)) ?? [];
      if (!maskFormats.ending.test(name))
        problems.push(`${shownPath(path)}: its name is not that of a ${maskFormats.words} file`);
      else if (!image) problems.push(`${shownPath(path)}: no image of the dataset has this name`);
      else if (other)
        problems.push(`${shownPath(path)}: both "${shownPath(image.id)}" and "${shownPath(other.id)}" have this name`);
      else if (masks.has(image.id)) problems.push(`${shownPath(path)}: its image has another mask`);
      else masks.set(image.id, { ...image, path });
    }
  }
  if (problems.length > 0) throw wrongMasks(problems);
  if (masks.size === 0) throw missing(folder, 'No image of the dataset has a mask in');
  return masks;
}

/** The error that names masks and what is wrong with each. */
export function wrongMasks(problems: readonly string[]): StudyError {
  return new StudyError(
    'data-folder/mask',
    `Expected one mask per image, named, placed and sized as its image; ${problems.length} are not:\n  ` +
      `${firstOf(problems, 10, '\n  ')}\nCorrect these files, or remove them: an image may have no mask.`,
  );
}

function missing(folder: string, text: string): StudyError {
  return new StudyError(
    'core/data-missing',
    `${text} "${shownPath(folder)}". Set "masks" to a folder that has the mask of <class>/a.jpg at <class>/a.png ` +
      '(with parts: of train/<class>/a.jpg at train/<class>/a.png), or leave it out.',
  );
}

/** A name without its ending. */
function stemOf(name: string): string {
  return name.replace(/\.\w+$/, '');
}
