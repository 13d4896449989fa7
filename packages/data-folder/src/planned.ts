import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type OptionFinding, type PlanKnowledge, StudyError } from '@espalier/core';
import { shownPath } from '@espalier/files';
import type { ImageFile } from './listing/image-file.ts';

/** Images of each class, in the order of labels. */
export function countsPerClass(files: readonly ImageFile[], classes: readonly string[]): readonly number[] {
  const counts = classes.map(() => 0);
  for (const { label } of files) counts[label]!++;
  return counts;
}

/** What `list` finds, or the error that says why it cannot. */
export function listedOrError<Listed>(list: () => Listed): Listed | StudyError {
  try {
    return list();
  } catch (error) {
    if (StudyError.is(error)) return error;
    throw error;
  }
}

/** What is wrong with the option `boxes`, without reading the file. */
export function boxesFindings(
  boxes: string | undefined,
  { folder }: Pick<PlanKnowledge, 'folder'>,
): readonly OptionFinding[] {
  if (boxes === undefined) return [];
  const path = resolve(folder, boxes);
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return [];
  const text = `Expected a CSV or JSON file of boxes at ${shownPath(path)}; found none. A relative path starts at the study's folder.`;
  return [{ path: ['boxes'], text }];
}
