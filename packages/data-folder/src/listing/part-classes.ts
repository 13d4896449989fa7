import { join } from 'node:path';
import { StudyError } from '@espalier/core';
import { shownPath } from '@espalier/files';
import { pictureEnding } from '../decoding/formats.ts';
import { classImages, expectLinks, type Found, type ListingRules } from './class-images.ts';
import { count, list } from './first-of.ts';
import type { FolderContent } from './folder-entries.ts';
import type { ImageFile } from './image-file.ts';

/** A folder of class folders, and which of these are read. */
export interface PartFolder {
  /** That of the dataset. */
  readonly folder: string;
  /** Path of this one from there; empty for the folder itself. */
  readonly part: string;
  readonly content: FolderContent;
  /** Names of class folders in the order of labels, of all that are found. */
  readonly choose: (found: readonly string[]) => readonly string[];
}

/** The images of a part with their labels, class by class. */
export interface Listing extends Omit<Found, 'images'> {
  readonly classes: readonly string[];
  /** Folders that are not among those to read, as ids. */
  readonly unchosen: readonly string[];
  readonly files: readonly ImageFile[];
}

/**
 * The images in class folders, sorted by label and then by path.
 *
 * @throws StudyError `core/data-missing` where images lie beside no class folder, or a class has none; and as `classImages`
 */
export function partClasses({ folder, part, content, choose }: PartFolder, rules: ListingRules): Listing {
  const path = join(folder, part);
  const idOf = (name: string) => (part === '' ? name : `${part}/${name}`);
  expectLinks(path, content.entries, rules);
  const found = content.entries.filter(({ kind }) => kind === 'folder').map(({ name }) => name);
  const loose = content.entries.filter(({ kind }) => kind !== 'folder').map(({ name }) => name);
  const pictures = loose.filter((name) => pictureEnding.test(name));
  if (found.length === 0 && pictures.length > 0) throw unsorted(path, idOf('<class>/'), pictures, rules);
  const classes = choose(found);
  const chosen = new Set(classes);
  const all = classes.map((name) => classImages(folder, idOf(name), rules));
  return {
    classes,
    files: all.flatMap(({ images }, label) => images.map((image) => ({ ...image, label }))),
    unchosen: found.filter((name) => !chosen.has(name)).map(idOf),
    passedOver: [...loose.map(idOf), ...all.flatMap(({ passedOver }) => passedOver)],
    clutter: [...content.clutter.map(idOf), ...all.flatMap(({ clutter }) => clutter)],
  };
}

function unsorted(path: string, id: string, pictures: readonly string[], { wayOut }: ListingRules): StudyError {
  return new StudyError(
    'core/data-missing',
    `${count(pictures.length, 'image lies', 'images lie')} directly in "${shownPath(path)}" (${list(pictures)}). Sort them ` +
      `into class folders, ${id}: the folder is the label. ${wayOut}`,
  );
}
