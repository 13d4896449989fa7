import { type Dirent, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { StudyError } from '@espalier/core';
import { imagenetteClasses } from './classes.ts';

/** One image of the dataset on disk. */
export interface ImageFile {
  /** Path from the dataset's folder, with `/`, for example `val/n01440764/x.JPEG`: the sample id. */
  readonly id: string;
  readonly path: string;
  readonly label: number;
}

export interface ImageFolder {
  readonly train: readonly ImageFile[];
  readonly val: readonly ImageFile[];
}

const imageName = /\.(jpe?g|png)$/i;

const wayOut =
  'Set the option "folder" to an ImageNette folder (train/ and val/, each with one folder per class, n01440764 to ' +
  'n03888257), or leave it out and set "archive" to "160", "320" or "full" to download one.';

/**
 * The images of `{train,val}/<wnid>/*.JPEG` below `folder`, sorted by class and then by name (code units).
 *
 * Files that are no images and files that start with a dot are passed over.
 *
 * @throws StudyError `data-missing` when the folder, a part, a class or all images of a class are missing, or a class
 *   folder is not one of ImageNette's.
 */
export function listImageFolder(folder: string): ImageFolder {
  if (!existsSync(folder)) throw new StudyError('data-missing', `There is no folder "${folder}". ${wayOut}`);
  return { train: listPart(folder, 'train'), val: listPart(folder, 'val') };
}

function listPart(folder: string, part: 'train' | 'val'): readonly ImageFile[] {
  const found = foldersIn(join(folder, part));
  if (!found) {
    const beside = foldersIn(folder) ?? [];
    const inner = beside.find((name) => existsSync(join(folder, name, part)));
    const hint = inner === undefined ? '' : `Did you mean "${join(folder, inner)}"? `;
    throw new StudyError(
      'data-missing',
      `The folder "${folder}" has no folder "${part}"; the folders in it: ${list(beside)}. ${hint}${wayOut}`,
    );
  }
  const expected: readonly string[] = imagenetteClasses.map(({ wnid }) => wnid);
  const missing = expected.filter((wnid) => !found.includes(wnid));
  const unknown = found.filter((name) => !expected.includes(name));
  if (missing.length > 0 || unknown.length > 0) {
    throw new StudyError(
      'data-missing',
      `The folder "${join(folder, part)}" must have exactly the ten classes of ImageNette; ` +
        `missing: ${list(missing)}; unknown: ${list(unknown)}. ${wayOut}`,
    );
  }
  return expected.flatMap((wnid, label) => listClass(folder, `${part}/${wnid}`, label));
}

function listClass(folder: string, path: string, label: number): readonly ImageFile[] {
  const names = readdirSync(join(folder, path)).filter((name) => imageName.test(name) && !name.startsWith('.'));
  if (names.length === 0) {
    throw new StudyError('data-missing', `The folder "${join(folder, path)}" has no JPEG or PNG images. ${wayOut}`);
  }
  return names.sort().map((name) => ({ id: `${path}/${name}`, path: join(folder, path, name), label }));
}

/** The names of the folders in `folder`, sorted; undefined when it is not a folder. */
function foldersIn(folder: string): readonly string[] | undefined {
  const isVisibleFolder = (entry: Dirent) =>
    (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith('.');
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(isVisibleFolder)
      .map(({ name }) => name)
      .sort();
  } catch {
    return undefined;
  }
}

function list(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  return names.length > 12 ? `${names.slice(0, 12).join(', ')} and ${names.length - 12} more` : names.join(', ');
}
