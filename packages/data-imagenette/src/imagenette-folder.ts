import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { StudyError } from '@espalier/core';
import { contentOf, type FolderContent, jpegAndPng, type Listing, list, partClasses } from '@espalier/data-folder';
import { shownPath } from '@espalier/files';
import { imagenetteClasses } from './classes.ts';

/** The parts of an ImageNette folder. */
export interface ImagenetteFolder {
  readonly train: Listing;
  readonly val: Listing;
}

const archiveName = /\.(tgz|tar|tar\.\w+|zip|7z|rar)$/i;

const wayOut =
  'Set the option "folder" to an ImageNette folder (train/ and val/, each with one folder per class, n01440764 to ' +
  'n03888257), or leave it out and set "archive" to "160", "320" or "full" to download one.';

const rules = { formats: jpegAndPng, subfolders: 'skip', links: 'follow', wayOut } as const;

/**
 * The images of `{train,val}/<wnid>/*.JPEG` below `folder`, sorted by class and then by name (code points).
 *
 * @throws StudyError `core/data-missing` when the folder, a part, a class or all images of a class are missing, or a class
 *   folder is not one of ImageNette's; `files/unreadable` when something stands there that cannot be read.
 */
export function imagenetteFolder(folder: string): ImagenetteFolder {
  const top = contentOf(folder, 'an ImageNette folder');
  if (!top) throw new StudyError('core/data-missing', `There is no folder "${shownPath(folder)}". ${wayOut}`);
  return { train: listPart(folder, 'train', top), val: listPart(folder, 'val', top) };
}

function listPart(folder: string, part: 'train' | 'val', top: FolderContent): Listing {
  const path = join(folder, part);
  const content = contentOf(path, `the folder "${part}" of an ImageNette folder`);
  if (!content) throw noPart(folder, part, top);
  return partClasses({ folder, part, content, choose: (found) => tenClasses(path, found) }, rules);
}

function tenClasses(path: string, found: readonly string[]): readonly string[] {
  const expected: readonly string[] = imagenetteClasses.map(({ wnid }) => wnid);
  const missing = expected.filter((wnid) => !found.includes(wnid));
  const unknown = found.filter((name) => !expected.includes(name));
  if (missing.length + unknown.length === 0) return expected;
  throw new StudyError(
    'core/data-missing',
    `The folder "${shownPath(path)}" must have exactly the ten classes of ImageNette; ` +
      `missing: ${list(missing)}; unknown: ${list(unknown)}. ${wayOut}`,
  );
}

function noPart(folder: string, part: string, { entries }: FolderContent): StudyError {
  const folders = entries.filter(({ kind }) => kind === 'folder').map(({ name }) => name);
  const archives = entries.map(({ name }) => name).filter((name) => archiveName.test(name));
  const inner = folders.find((name) => existsSync(join(folder, name, part)));
  const hints = [
    inner !== undefined && `Did you mean "${shownPath(join(folder, inner))}"?`,
    archives.length > 0 && `Unpack ${list(archives)} first.`,
  ];
  return new StudyError(
    'core/data-missing',
    `The folder "${shownPath(folder)}" has no folder "${part}"; the folders in it: ${list(folders)}. ` +
      [...hints.filter((hint) => hint !== false), wayOut].join(' '),
  );
}
