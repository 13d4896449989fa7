import { join } from 'node:path';
import { StudyError } from '@espalier/core';
import { shownPath } from '@espalier/files';
import { everyFormat } from '../decoding/formats.ts';
import { byCodePoints } from '../listing/code-points.ts';
import { list } from '../listing/first-of.ts';
import { contentOf, type FolderContent } from '../listing/folder-entries.ts';
import type { ImageFile } from '../listing/image-file.ts';
import { type Listing, partClasses } from '../listing/part-classes.ts';
import type { Options } from '../options.ts';
import type { Layout } from './layout.ts';
import { expectSameClasses } from './same-classes.ts';
import type { Fractions } from './seeded-parts.ts';

/** What trains, what else is given, and what is taken of the one for the other. */
export interface Division extends Omit<Listing, 'files'> {
  readonly training: readonly ImageFile[];
  /** Parts that are folders of their own. */
  readonly given: { readonly tune?: readonly ImageFile[]; readonly val?: readonly ImageFile[] };
  /** Of the training images, for the parts that are not given. */
  readonly fractions: Fractions;
  /** What evaluates and what selects, as a sentence. */
  readonly sentence: string;
}

export const wayOut =
  'The folder needs class folders (<class>/), or train/ and val/ (and test/) with the same class folders in each.';

/** One folder of classes, split by the seed. */
export function oneFolder(folder: string, content: FolderContent, options: Options): Division {
  const { valFraction, tuneFraction, splitSeed, evaluateOn } = options;
  if (evaluateOn !== null) {
    const text = `Expected parts in "${shownPath(folder)}", since "evaluateOn" names one; found classes. Leave it out.`;
    throw new StudyError('data-folder/layout', text);
  }
  const { files, ...listing } = classesOf(folder, '', content, options);
  const sentence =
    `One folder of classes, split by the seed ${splitSeed}: of every class ${valFraction} evaluates (val) and ` +
    `${tuneFraction} selects models (tune).`;
  return { ...listing, training: files, given: {}, fractions: { val: valFraction, tune: tuneFraction }, sentence };
}

/** Parts that are folders; what selects models may be a part of what trains. */
export function givenParts(
  folder: string,
  top: FolderContent,
  { train, tune, val }: Extract<Layout, { kind: 'parts' }>,
  options: Options,
): Division {
  const [training, evaluation, selection] = [train, val, ...(tune === null ? [] : [tune])].map((part) =>
    classesOf(
      folder,
      part,
      contentOf(join(folder, part), 'a part of a dataset') ?? { entries: [], clutter: [] },
      options,
    ),
  );
  const all = [training!, evaluation!, ...(selection ? [selection] : [])];
  for (const [i, { classes }] of all.entries())
    expectSameClasses(
      { path: join(folder, train), classes: training!.classes },
      { path: join(folder, [train, val, tune!][i]!), classes },
    );
  const { tuneFraction, splitSeed } = options;
  const selects = tune === null ? `${tuneFraction} of the training images (seed ${splitSeed})` : `${shownPath(tune)}/`;
  const others = top.entries.filter(({ name }) => ![train, tune, val].includes(name));
  const namesOf = (isFolder: boolean) =>
    others.filter(({ kind }) => (kind === 'folder') === isFolder).map(({ name }) => name);
  return {
    classes: training!.classes,
    unchosen: [...namesOf(true), ...all.flatMap(({ unchosen }) => unchosen)],
    passedOver: [...namesOf(false), ...all.flatMap(({ passedOver }) => passedOver)],
    clutter: [...top.clutter, ...all.flatMap(({ clutter }) => clutter)],
    training: training!.files,
    given: { val: evaluation!.files, ...(selection && { tune: selection.files }) },
    fractions: { val: 0, tune: selection ? 0 : tuneFraction },
    sentence: `${shownPath(train)}/ trains, ${shownPath(val)}/ evaluates (val), and ${selects} selects models (tune).`,
  };
}

function classesOf(folder: string, part: string, content: FolderContent, options: Options): Listing {
  const { subfolders, links } = options;
  // A test part is often one whose labels its authors keep.
  const unlabelled = /^test/i.test(part) ? ' If its labels are not known, set "evaluateOn" to "val".' : '';
  return partClasses(
    { folder, part, content, choose: (found) => chosenClasses(join(folder, part), found, options) },
    { formats: everyFormat, subfolders, links, wayOut: wayOut + unlabelled },
  );
}

/** Class folders in the order of labels. */
function chosenClasses(path: string, found: readonly string[], { classes }: Options): readonly string[] {
  if (classes === null) {
    if (found.length >= 2) return [...found].sort(byCodePoints);
    throw oneClass(path, found);
  }
  const [known, named] = [new Set(found), new Set<string>()];
  const unknown = classes.filter((name) => !known.has(name));
  const twice = classes.filter((name) => named.size === named.add(name).size);
  if (unknown.length + twice.length === 0) return classes;
  const problem =
    unknown.length > 0 ? `there is no ${list(unknown)}; there are: ${list(found)}` : `named twice: ${list(twice)}`;
  throw new StudyError(
    'data-folder/unknown-class',
    `Expected class folders in "${shownPath(path)}", each named once in the option "classes"; ${problem}. Correct the names.`,
  );
}

function oneClass(path: string, found: readonly string[]): StudyError {
  const [only] = found;
  const below = only === undefined ? [] : (contentOf(join(path, only), 'a class')?.entries ?? []);
  const hint =
    only !== undefined && below.filter(({ kind }) => kind === 'folder').length > 1
      ? ` Did you mean "${shownPath(join(path, only))}"?`
      : '';
  return new StudyError(
    'data-folder/one-class',
    `Expected at least two class folders in "${shownPath(path)}"; found ${only === undefined ? 'none' : `one, ${shownPath(only)}`}.` +
      `${hint} ${wayOut}`,
  );
}
