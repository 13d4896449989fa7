import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type DatasetOutline, heldOutCounts, type OptionFinding, type PlanKnowledge, StudyError } from '@espalier/core';
import { boxesFindings, countsPerClass, listedOrError } from '@espalier/data-folder';
import { shownPath } from '@espalier/files';
import { classNames } from './classes.ts';
import { imagenetteFolder } from './imagenette-folder.ts';
import type { Options } from './options.ts';

type Known = Pick<PlanKnowledge, 'folder'>;

export const noSource =
  'ImageNette needs one of the options "folder" and "archive"; found neither. Set "folder" to an ImageNette folder ' +
  '(train/ and val/), or "archive" to "160", "320" or "full" to download one.';

/** What is wrong with the files that the options name, without opening one. */
export function findings(chosen: Options, known: Known): readonly OptionFinding[] {
  return [...folderFindings(chosen, known), ...boxesFindings(chosen.boxes, known)];
}

function folderFindings({ folder, archive }: Options, known: Known): readonly OptionFinding[] {
  if (folder === null) return archive === null ? [{ path: ['folder'], text: noSource }] : [];
  const path = resolve(known.folder, folder);
  if (!existsSync(path)) {
    const text = `There is no folder ${shownPath(path)}. Expected an ImageNette folder with train/ and val/; a relative path starts at the study's folder.`;
    return [{ path: ['folder'], text }];
  }
  const listed = listedOrError(() => imagenetteFolder(path));
  return StudyError.is(listed) ? [{ path: ['folder'], text: listed.message }] : [];
}

/** Classes are those of ImageNette; images are counted in a folder, and unknown before an archive is there. */
export function outline({ size, folder, tuneFraction, boxes }: Options, known: Known): DatasetOutline {
  const listed = folder === null ? undefined : listedOrError(() => imagenetteFolder(resolve(known.folder, folder)));
  const counts =
    listed && !StudyError.is(listed)
      ? [listed.train, listed.val].map(({ files }) => countsPerClass(files, classNames))
      : undefined;
  return {
    height: size,
    width: size,
    classes: classNames,
    regions: boxes === undefined ? [] : ['object'],
    mostPerClass: counts && { ...heldOutCounts(counts[0]!, tuneFraction), val: counts[1]! },
  };
}
