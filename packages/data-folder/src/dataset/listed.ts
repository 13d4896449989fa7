import { join, relative, resolve, sep } from 'node:path';
import { StudyError } from '@espalier/core';
import { shownPath } from '@espalier/files';
import { everyFormat } from '../decoding/formats.ts';
import type { ListingRules } from '../listing/class-images.ts';
import { byCodePoints } from '../listing/code-points.ts';
import { count, list } from '../listing/first-of.ts';
import { contentOf, type FolderContent } from '../listing/folder-entries.ts';
import { type Listing, partClasses } from '../listing/part-classes.ts';
import type { Options } from '../options.ts';
import { layoutOf } from './layout.ts';
import { expectSameClasses } from './same-classes.ts';
import { capped, type SeededParts, seededParts } from './seeded-parts.ts';

/** The images of a dataset by their names, before one is opened. */
export interface Listed extends Pick<Listing, 'classes' | 'passedOver' | 'clutter'> {
  readonly folder: string;
  readonly parts: SeededParts;
  /** All images, those too that the caps leave out. */
  readonly all: Listing['files'];
  /** What evaluates and what selects, as a sentence. */
  readonly division: string;
}

const wayOut =
  'The folder needs class folders (<class>/), or train/ and val/ (and test/) with the same class folders in each.';

/**
 * The images of a dataset, with their parts and labels.
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
  const whole =
    layout.kind === 'classes' ? splitFolder(folder, top, options) : givenParts(folder, { ...layout, top }, options);
  if (options.onOther === 'fail' && whole.passedOver.length > 0) throw otherFiles(folder, whole.passedOver);
  const cap = (part: keyof SeededParts, most: number | null) =>
    capped(whole.parts[part], whole.classes, most, options.splitSeed);
  const parts = {
    train: cap('train', options.trainPerClass),
    tune: cap('tune', options.tunePerClass),
    val: cap('val', options.valPerClass),
  };
  const { train, tune, val } = whole.parts;
  return { ...whole, folder, parts, all: [...train, ...tune, ...val] };
}

type Whole = Omit<Listed, 'folder' | 'all'>;

/** One folder of classes, split by the seed. */
function splitFolder(folder: string, content: FolderContent, options: Options): Whole {
  const { valFraction, tuneFraction, splitSeed } = options;
  const { files, classes, ...rest } = partClasses(
    { folder, part: '', content, choose: (found) => chosenClasses(folder, found, options) },
    rulesOf(options),
  );
  const parts = seededParts(files, classes, { val: valFraction, tune: tuneFraction }, splitSeed);
  const division =
    `One folder of classes, split by the seed ${splitSeed}: of every class ${valFraction} evaluates (val) and ` +
    `${tuneFraction} selects models (tune).`;
  return { ...rest, classes, parts, division };
}

interface Given {
  readonly top: FolderContent;
  readonly train: string;
  readonly tune: string | null;
  readonly val: string;
}

/** Parts that are folders; what selects models may be a part of what trains. */
function givenParts(folder: string, { top, train, tune, val }: Given, options: Options): Whole {
  const { tuneFraction, splitSeed } = options;
  const [training, ...others] = [train, val, ...(tune === null ? [] : [tune])].map((part) => {
    const path = join(folder, part);
    const content = contentOf(path, 'a part of a dataset') ?? { entries: [], clutter: [] };
    const choose = (found: readonly string[]) => chosenClasses(path, found, options);
    return { path, ...partClasses({ folder, part, content, choose }, rulesOf(options)) };
  });
  const [evaluation, selection] = others;
  for (const other of others) expectSameClasses(training!, other);
  const { classes } = training!;
  const parts = selection
    ? { train: training!.files, tune: selection.files, val: evaluation!.files }
    : { ...seededParts(training!.files, classes, { val: 0, tune: tuneFraction }, splitSeed), val: evaluation!.files };
  const unread = top.entries.map(({ name }) => name).filter((name) => ![train, tune, val].includes(name));
  const all = [training!, ...others];
  return {
    classes,
    parts,
    passedOver: [...unread, ...all.flatMap(({ passedOver }) => passedOver)],
    clutter: [...top.clutter, ...all.flatMap(({ clutter }) => clutter)],
    division: `${shownPath(train)}/ trains, ${shownPath(val)}/ evaluates (val), and ${selectedBy(tune, options)} selects models (tune).`,
  };
}

function selectedBy(tune: string | null, { tuneFraction, splitSeed }: Options): string {
  return tune === null ? `${tuneFraction} of the training images (seed ${splitSeed})` : `${shownPath(tune)}/`;
}

/** Masks may lie in the folder of the images; they are no part and no class. */
function withoutMasks(folder: string, content: FolderContent, { masks }: Options, studyFolder: string): FolderContent {
  if (masks === undefined) return content;
  const [inside] = relative(folder, resolve(studyFolder, masks)).split(sep);
  return { ...content, entries: content.entries.filter(({ name }) => name !== inside) };
}

/** Class folders in the order of labels. */
function chosenClasses(path: string, found: readonly string[], { classes }: Options): readonly string[] {
  if (classes === null) {
    if (found.length >= 2) return [...found].sort(byCodePoints);
    const only = found.length === 1 ? `one, ${list(found)}` : 'none';
    throw new StudyError(
      'data-folder/one-class',
      `Expected at least two class folders in "${shownPath(path)}"; found ${only}. ${wayOut}`,
    );
  }
  const known = new Set(found);
  const unknown = classes.filter((name) => !known.has(name));
  const named = new Set<string>();
  const twice = classes.filter((name) => named.size === named.add(name).size);
  if (unknown.length + twice.length === 0) return classes;
  throw new StudyError(
    'data-folder/unknown-class',
    `Expected class folders in "${shownPath(path)}", each named once in the option "classes"; ` +
      (unknown.length > 0
        ? `there is no ${list(unknown)}; there are: ${list(found)}.`
        : `named twice: ${list(twice)}.`) +
      ' Correct the names.',
  );
}

function rulesOf({ subfolders, links }: Options): ListingRules {
  return { formats: everyFormat, subfolders, links, wayOut };
}

function otherFiles(folder: string, others: readonly string[]): StudyError {
  return new StudyError(
    'data-folder/other-file',
    `Expected nothing but images in class folders below "${shownPath(folder)}"; found ${count(others.length, 'other')}: ` +
      `${list(others)}. Remove them, or set "onOther" to "skip".`,
  );
}
