import { type LeftOut, StudyError } from '@espalier/core';
import { shownPath } from '@espalier/files';
import { firstOf, mostNamed } from '../listing/first-of.ts';
import type { ImageFile } from '../listing/image-file.ts';

/** A file that is not a whole image, and what is wrong with it, as a clause. */
export interface BadFile {
  readonly file: ImageFile;
  readonly problem: string;
}

const replaceThem =
  'Replace these files by whole ones, or delete them; the option "onDamaged": "skip" goes on without them and says so in the report.';

/** The error that names bad files and says what to do about them; `words` are the formats that are read. */
export function corrupt(bad: readonly BadFile[], words: string, advice = replaceThem): StudyError {
  return new StudyError(
    'core/data-corrupt',
    `Expected whole ${words} images; ${bad.length} of them cannot be decoded:\n${named(bad)}\n${advice}`,
  );
}

/** The error that names files which are not those that were opened. */
export function changed(files: readonly ImageFile[]): StudyError {
  const bad = files.map((file) => ({ file, problem: 'its content is not what it was' }));
  return new StudyError(
    'core/data-corrupt',
    `Expected the images that this dataset was opened with; ${files.length} of them have changed since:\n${named(bad)}\n` +
      'Run the study again when nothing writes to its images.',
  );
}

/** Bad files as those who read a report know them. */
export function leftOutOf(bad: readonly BadFile[]): readonly LeftOut[] {
  return inOrder(bad).map(({ file, problem }) => ({ id: file.id, reason: problem }));
}

function named(bad: readonly BadFile[]): string {
  const lines = inOrder(bad).map(({ file, problem }) => `  ${shownPath(file.path)}: ${problem}`);
  return firstOf(lines, mostNamed, '\n', '  ');
}

function inOrder(bad: readonly BadFile[]): readonly BadFile[] {
  return [...bad].sort((a, b) => (a.file.id < b.file.id ? -1 : 1));
}
