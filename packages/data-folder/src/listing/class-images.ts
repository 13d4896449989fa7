import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { StudyError } from '@espalier/core';
import { shownPath } from '@espalier/files';
import type { ImageFormats } from '../decoding/formats.ts';
import { byCodePoints } from './code-points.ts';
import { count, firstOf, list } from './first-of.ts';
import { contentOf, type FolderEntry } from './folder-entries.ts';

/** What is taken for an image, and what becomes of the rest. */
export interface ListingRules {
  readonly formats: ImageFormats;
  /** Folders inside of a class folder: their images are of the class, they are not read, or they are refused. */
  readonly subfolders: 'include' | 'skip' | 'fail';
  readonly links: 'follow' | 'fail';
  /** What to do about a folder that is not as expected, as sentences. */
  readonly wayOut: string;
}

/** An image as it lies in the folder of a dataset. */
export interface FoundImage {
  /** Path from the dataset's folder, with `/`. */
  readonly id: string;
  readonly path: string;
}

/** What was found below a folder. */
export interface Found {
  /** Sorted by id (code points). */
  readonly images: readonly FoundImage[];
  /** What is not read although it is no clutter, as ids. */
  readonly passedOver: readonly string[];
  /** What systems and programs left behind, as ids. */
  readonly clutter: readonly string[];
}

/**
 * The images of one class.
 *
 * @param folder that of the dataset
 * @param id path of the class folder from there, with `/`
 * @throws StudyError `core/data-missing` where there is none; `files/unreadable` where something with the name of an image is no
 *   file; `data-folder/subfolder` and `data-folder/link` where the rules refuse them
 */
export function classImages(folder: string, id: string, rules: ListingRules): Found {
  const found = imagesBelow(folder, id, rules, new Set());
  const { passedOver, clutter } = found;
  const images = [...found.images].sort((a, b) => byCodePoints(a.id, b.id));
  if (images.length > 0) return { images, passedOver, clutter };
  const others = passedOver.map((other) => other.slice(id.length + 1));
  const beside = others.length === 0 ? '' : `; it has ${count(others.length, 'other file', 'others')}: ${list(others)}`;
  throw new StudyError(
    'core/data-missing',
    `The folder "${shownPath(join(folder, id))}" has no ${rules.formats.words} images${beside}. ${rules.wayOut}`,
  );
}

/** @param above folders that this one is in, by their real paths: a link may lead back to one */
function imagesBelow(folder: string, id: string, rules: ListingRules, above: ReadonlySet<string>): Found {
  const full = join(folder, id);
  const { entries, clutter } = contentOf(full, 'the images of a class') ?? { entries: [], clutter: [] };
  expectLinks(full, entries, rules);
  const isImage = ({ name, kind }: FolderEntry) =>
    rules.formats.ending.test(name) && !(kind === 'folder' && rules.subfolders === 'include');
  const images = entries.filter(isImage);
  expectFiles(full, images, rules);
  const folders = entries.filter((entry) => entry.kind === 'folder' && !isImage(entry)).map(({ name }) => name);
  const others = entries.filter((entry) => !isImage(entry)).map(({ name }) => name);
  const idOf = (name: string) => `${id}/${name}`;
  const own: Found = {
    images: images.map(({ name }) => ({ id: idOf(name), path: join(full, name) })),
    passedOver: others.map(idOf),
    clutter: clutter.map(idOf),
  };
  if (rules.subfolders === 'skip' || folders.length === 0) return own;
  if (rules.subfolders === 'fail') throw subfolder(full, folders);
  const within = new Set([...above, realpathSync(full)]);
  const below = folders.map((name) => {
    if (within.has(realpathSync(join(full, name)))) throw loop(join(full, name));
    return imagesBelow(folder, idOf(name), rules, within);
  });
  return {
    images: [...own.images, ...below.flatMap(({ images }) => images)],
    passedOver: [
      ...own.passedOver.filter((other) => !folders.some((name) => other === idOf(name))),
      ...below.flatMap(({ passedOver }) => passedOver),
    ],
    clutter: [...own.clutter, ...below.flatMap(({ clutter }) => clutter)],
  };
}

/** @throws StudyError `data-folder/link` where the rules refuse links and there are some */
export function expectLinks(
  folder: string,
  entries: readonly FolderEntry[],
  { links }: Pick<ListingRules, 'links'>,
): void {
  const found = entries.filter(({ isLink }) => isLink && links === 'fail').map(({ name }) => name);
  if (found.length === 0) return;
  throw new StudyError(
    'data-folder/link',
    `Expected no symbolic links in "${shownPath(folder)}"; found ${found.length}: ${list(found)}. Put what they lead to in ` +
      'their place, or set "links" to "follow".',
  );
}

function expectFiles(folder: string, images: readonly FolderEntry[], { formats }: ListingRules): void {
  const wrong = images.filter(({ kind }) => kind !== 'file');
  if (wrong.length === 0) return;
  const found = wrong.map(({ name, words }) => `${shownPath(join(folder, name))}: ${words}`);
  throw new StudyError(
    'files/unreadable',
    `Expected ${formats.words} images; found ${wrong.length} that are no files:\n  ${firstOf(found, 10, '\n  ')}\n` +
      'Remove them, or give them names without the ending of an image.',
  );
}

function subfolder(folder: string, folders: readonly string[]): StudyError {
  return new StudyError(
    'data-folder/subfolder',
    `Expected images directly in the class folder "${shownPath(folder)}"; found ${count(folders.length, 'folder')} in it: ` +
      `${list(folders)}. If these are the classes, name the folder that they are in; if their images are of this class, set ` +
      '"subfolders" to "include"; if they are not to be read, to "skip".',
  );
}

function loop(folder: string): StudyError {
  return new StudyError(
    'data-folder/link',
    `The link "${shownPath(folder)}" leads back to a folder that it is in. Remove it.`,
  );
}
