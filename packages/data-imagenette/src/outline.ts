import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type DatasetOutline, heldOutCounts, type OptionFinding, type PlanKnowledge, StudyError } from '@espalier/core';
import { shownPath } from '@espalier/files';
import { classNames } from './classes.ts';
import type { ImageFile } from './folder/image-file.ts';
import { listImageFolder } from './folder/image-files.ts';
import type { Options } from './options.ts';

type Known = Pick<PlanKnowledge, 'folder'>;

export const noSource =
  'ImageNette needs one of the options "folder" and "archive"; found neither. Set "folder" to an ImageNette folder ' +
  '(train/ and val/), or "archive" to "160", "320" or "full" to download one.';

/** What is wrong with the files that the options name, without opening one. */
export function findings(chosen: Options, known: Known): readonly OptionFinding[] {
  return [...folderFindings(chosen, known), ...boxesFindings(chosen, known)];
}

function folderFindings({ folder, archive }: Options, known: Known): readonly OptionFinding[] {
  if (folder === null) return archive === null ? [{ path: ['folder'], text: noSource }] : [];
  const path = resolve(known.folder, folder);
  if (!existsSync(path)) {
    const text = `There is no folder ${shownPath(path)}. Expected an ImageNette folder with train/ and val/; a relative path starts at the study's folder.`;
    return [{ path: ['folder'], text }];
  }
  const listed = listing(path);
  return StudyError.is(listed) ? [{ path: ['folder'], text: listed.message }] : [];
}

function boxesFindings({ boxes }: Options, known: Known): readonly OptionFinding[] {
  if (boxes === undefined) return [];
  const path = resolve(known.folder, boxes);
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return [];
  const text = `Expected a CSV or JSON file of boxes at ${shownPath(path)}; found none. A relative path starts at the study's folder.`;
  return [{ path: ['boxes'], text }];
}

/** Classes are those of ImageNette; images are counted in a folder, and unknown before an archive is there. */
export function outline({ size, folder, tuneFraction, boxes }: Options, known: Known): DatasetOutline {
  const listed = folder === null ? undefined : listing(resolve(known.folder, folder));
  const counted =
    listed && !StudyError.is(listed)
      ? { ...heldOutCounts(perClass(listed.train), tuneFraction), val: perClass(listed.val) }
      : undefined;
  return {
    height: size,
    width: size,
    classes: classNames,
    regions: boxes === undefined ? [] : ['object'],
    mostPerClass: counted,
  };
}

type Listing = ReturnType<typeof listImageFolder> | StudyError;

function listing(folder: string): Listing {
  try {
    return listImageFolder(folder);
  } catch (error) {
    if (StudyError.is(error)) return error;
    throw error;
  }
}

function perClass(files: readonly ImageFile[]): readonly number[] {
  const counts = classNames.map(() => 0);
  for (const { label } of files) counts[label]!++;
  return counts;
}
