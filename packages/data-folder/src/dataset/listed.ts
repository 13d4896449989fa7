import { relative, resolve } from 'node:path';
import { StudyError } from '@espalier/core';
import { shownPath } from '@espalier/files';
import { count, list } from '../listing/first-of.ts';
import { contentOf, type FolderContent } from '../listing/folder-entries.ts';
import type { ImageFile } from '../listing/image-file.ts';
import type { Options } from '../options.ts';
import { countsPerClass } from '../planned.ts';
import { type Division, givenParts, oneFolder, wayOut } from './division.ts';
import { layoutOf } from './layout.ts';
import { capped, expectEnough, type Parts, partCounts, seededParts } from './seeded-parts.ts';

/** The images of a dataset by their names, before one is opened. */
export interface Listed extends Omit<Division, 'training' | 'given' | 'fractions'> {
  readonly folder: string;
  /** All images, those too that the caps leave out. */
  readonly all: readonly ImageFile[];
  /** Images of each class of each part. */
  readonly counts: Parts<readonly number[]>;
  /** Draws which images go where: of a million of them it takes a while. */
  parts(): Parts<readonly ImageFile[]>;
}

/**
 * The images of a dataset, with their labels.
 *
 * @throws StudyError `core/data-missing` where the folder, a class or its images are missing; `data-folder/layout`,
 *   `data-folder/classes-differ`, `data-folder/unknown-class`, `data-folder/one-class`, `data-folder/too-few-images`,
 *   `data-folder/other-file`, `data-folder/subfolder`, `data-folder/link`; `files/unreadable`
 */
export function listed(options: Options, studyFolder: string): Listed {
  const folder = resolve(studyFolder, options.folder);
  const content = contentOf(folder, 'a folder of images');
  if (!content) {
    const text = `There is no folder "${shownPath(folder)}". ${wayOut} A relative path starts at the study's folder.`;
    throw new StudyError('core/data-missing', text);
  }
  const top = withoutMasks(folder, content, options, studyFolder);
  const found = top.entries.filter(({ kind }) => kind === 'folder').map(({ name }) => name);
  const layout = layoutOf(folder, found, options);
  const { training, given, fractions, ...division } =
    layout.kind === 'classes' ? oneFolder(folder, top, options) : givenParts(folder, top, layout, options);
  if (options.onOther === 'fail' && division.passedOver.length > 0) throw otherFiles(folder, division.passedOver);
  const { classes } = division;
  const perClass = countsPerClass(training, classes);
  expectEnough(perClass, classes, fractions);
  const caps = { train: options.trainPerClass, tune: options.tunePerClass, val: options.valPerClass };
  return {
    ...division,
    folder,
    all: [...training, ...(given.tune ?? []), ...(given.val ?? [])],
    counts: eachPart((part) => {
      const files = part === 'train' ? undefined : given[part];
      const counts = files ? countsPerClass(files, classes) : perClass.map((own) => partCounts(own, fractions)[part]);
      return counts.map((own) => Math.min(own, caps[part] ?? own));
    }),
    parts() {
      const whole = { ...seededParts(training, classes, fractions, options.splitSeed), ...given };
      return eachPart((part) => capped(whole[part], classes, caps[part], options.splitSeed));
    },
  };
}

function eachPart<Each>(of: (part: keyof Parts<Each>) => Each): Parts<Each> {
  return { train: of('train'), tune: of('tune'), val: of('val') };
}

/** Masks may lie in the folder of the images; they are no part and no class. */
function withoutMasks(folder: string, content: FolderContent, { masks }: Options, studyFolder: string): FolderContent {
  const inside = masks === undefined ? undefined : relative(folder, resolve(studyFolder, masks));
  return { ...content, entries: content.entries.filter(({ name }) => name !== inside) };
}

function otherFiles(folder: string, others: readonly string[]): StudyError {
  return new StudyError(
    'data-folder/other-file',
    `Expected nothing but images in class folders below "${shownPath(folder)}"; found ${count(others.length, 'other')}: ` +
      `${list(others)}. Remove them, or set "onOther" to "skip".`,
  );
}
