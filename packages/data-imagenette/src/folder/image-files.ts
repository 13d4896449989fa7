import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { StudyError } from '@espalier/core';
import { shownPath } from '@espalier/files';
import { imagenetteClasses } from '../classes.ts';
import { firstOf } from './first-of.ts';
import { entriesOf, type FolderEntry } from './folder-entries.ts';
import type { ImageFile } from './image-file.ts';

export interface ImageFolder {
  readonly train: readonly ImageFile[];
  readonly val: readonly ImageFile[];
  /** Files and folders beside the images that are not read, as ids; those that begin with a dot are not named. */
  readonly passedOver: readonly string[];
}

const imageName = /\.(jpe?g|png)$/i;
const pictureName = /\.(jpe?g|jpe|jfif|png|webp|gif|tiff?|bmp|hei[cf]|avif|jxl|jp2|svg)$/i;
const archiveName = /\.(tgz|tar|tar\.\w+|zip|7z|rar)$/i;

const wayOut =
  'Set the option "folder" to an ImageNette folder (train/ and val/, each with one folder per class, n01440764 to ' +
  'n03888257), or leave it out and set "archive" to "160", "320" or "full" to download one.';

/**
 * The images of `{train,val}/<wnid>/*.JPEG` below `folder`, sorted by class and then by name (code units).
 *
 * What begins with a dot is passed over in silence, what has another ending by name.
 *
 * @throws StudyError `core/data-missing` when the folder, a part, a class or all images of a class are missing, or a class
 *   folder is not one of ImageNette's; `files/unreadable` when something stands there that cannot be read.
 */
export function listImageFolder(folder: string): ImageFolder {
  const top = entriesOf(folder, 'an ImageNette folder');
  if (!top) throw new StudyError('core/data-missing', `There is no folder "${shownPath(folder)}". ${wayOut}`);
  const [train, val] = [listPart(folder, 'train', top), listPart(folder, 'val', top)];
  return { train: train.files, val: val.files, passedOver: [...train.passedOver, ...val.passedOver] };
}

interface Listing {
  readonly files: readonly ImageFile[];
  readonly passedOver: readonly string[];
}

function listPart(folder: string, part: 'train' | 'val', top: readonly FolderEntry[]): Listing {
  const path = join(folder, part);
  const entries = entriesOf(path, `the folder "${part}" of an ImageNette folder`);
  if (!entries) throw noPart(folder, part, top);
  const found = entries.filter(({ kind }) => kind === 'folder').map(({ name }) => name);
  const loose = entries.filter(({ kind }) => kind !== 'folder').map(({ name }) => name);
  const pictures = loose.filter((name) => pictureName.test(name));
  const expected: readonly string[] = imagenetteClasses.map(({ wnid }) => wnid);
  const missing = expected.filter((wnid) => !found.includes(wnid));
  const unknown = found.filter((name) => !expected.includes(name));
  if (found.length === 0 && pictures.length > 0) {
    throw new StudyError(
      'core/data-missing',
      `${count(pictures.length, 'image lies', 'images lie')} directly in "${shownPath(path)}" (${list(pictures)}). Sort ` +
        `them into class folders, ${part}/n01440764/ to ${part}/n03888257/: the folder is the label. ${wayOut}`,
    );
  }
  if (missing.length > 0 || unknown.length > 0) {
    throw new StudyError(
      'core/data-missing',
      `The folder "${shownPath(path)}" must have exactly the ten classes of ImageNette; ` +
        `missing: ${list(missing)}; unknown: ${list(unknown)}. ${wayOut}`,
    );
  }
  const classes = expected.map((wnid, label) => listClass(folder, `${part}/${wnid}`, label));
  return {
    files: classes.flatMap(({ files }) => files),
    passedOver: [...loose.map((name) => `${part}/${name}`), ...classes.flatMap(({ passedOver }) => passedOver)],
  };
}

function noPart(folder: string, part: string, top: readonly FolderEntry[]): StudyError {
  const folders = top.filter(({ kind }) => kind === 'folder').map(({ name }) => name);
  const files = top.filter(({ kind }) => kind === 'file').map(({ name }) => name);
  const inner = folders.find((name) => existsSync(join(folder, name, part)));
  const [pictures, archives] = [pictureName, archiveName].map((ending) => files.filter((name) => ending.test(name)));
  const hints = [
    inner !== undefined && `Did you mean "${shownPath(join(folder, inner))}"?`,
    pictures!.length > 0 &&
      `${count(pictures!.length, 'image lies', 'images lie')} directly in it: sort them into train/<class>/ and val/<class>/.`,
    archives!.length > 0 && `Unpack ${list(archives!)} first.`,
  ];
  return new StudyError(
    'core/data-missing',
    `The folder "${shownPath(folder)}" has no folder "${part}"; the folders in it: ${list(folders)}. ` +
      [...hints.filter((hint) => hint !== false), wayOut].join(' '),
  );
}

function listClass(folder: string, path: string, label: number): Listing {
  const full = join(folder, path);
  const entries = entriesOf(full, 'the images of a class') ?? [];
  const images = entries.filter(({ name }) => imageName.test(name));
  const others = entries.filter(({ name }) => !imageName.test(name)).map(({ name }) => name);
  const wrong = images.filter(({ kind }) => kind !== 'file');
  if (wrong.length > 0) {
    const found = wrong.map(({ name, words }) => `${shownPath(join(full, name))}: ${words}`);
    throw new StudyError(
      'files/unreadable',
      `Expected JPEG or PNG images; found ${wrong.length} that are no files:\n  ${firstOf(found, 10, '\n  ')}\n` +
        'Remove them, or give them names without the ending of an image.',
    );
  }
  if (images.length === 0) {
    const beside =
      others.length === 0 ? '' : `; it has ${count(others.length, 'other file', 'others')}: ${list(others)}`;
    throw new StudyError(
      'core/data-missing',
      `The folder "${shownPath(full)}" has no JPEG or PNG images${beside}. ${wayOut}`,
    );
  }
  return {
    files: images.map(({ name }) => ({ id: `${path}/${name}`, path: join(full, name), label })),
    passedOver: others.map((name) => `${path}/${name}`),
  };
}

function count(number: number, one: string, more: string): string {
  return `${number} ${number === 1 ? one : more}`;
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : firstOf(names.map(shownPath), 12).replace(/, and (?=\d+ more$)/, ' and ');
}
