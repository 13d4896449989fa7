import { StudyError } from '@espalier/core';
import { shownPath } from '@espalier/files';
import { list } from '../listing/first-of.ts';

/** Which folders hold which part; `one` is a folder of classes that is to be split. */
export type Layout =
  | { readonly kind: 'classes' }
  | { readonly kind: 'parts'; readonly train: string; readonly tune: string | null; readonly val: string };

/** The choices that a layout follows from. */
export interface LayoutOptions {
  readonly layout: 'auto' | 'parts' | 'classes';
  readonly evaluateOn: 'val' | 'test' | null;
}

// As people call them: Keras has train and validation, Roboflow train, valid and test.
const partNames = { train: /^train(ing)?$/i, val: /^val(id(ation)?)?$/i, test: /^test(ing)?$/i } as const;
type PartName = keyof typeof partNames;

/**
 * What the folders in the folder of a dataset are.
 *
 * @param found names of the folders
 * @throws StudyError `data-folder/layout` where they are partly the one and partly the other, or parts are missing or come twice
 */
export function layoutOf(folder: string, found: readonly string[], { layout, evaluateOn }: LayoutOptions): Layout {
  const parts = (Object.keys(partNames) as PartName[]).map((part) => ({
    part,
    names: found.filter((name) => partNames[part].test(name)),
  }));
  const named = parts.flatMap(({ names }) => names);
  if (layout === 'classes' || (layout === 'auto' && named.length === 0)) return { kind: 'classes' };
  const where = `The folder "${shownPath(folder)}"`;
  const others = found.filter((name) => !named.includes(name));
  if (layout === 'auto' && others.length > 0)
    throw refused(
      `${where} holds parts (${list(named)}) beside other folders (${list(others)}). Set "layout" to "parts" if the others are ` +
        'not to be read, or to "classes" if all of them are classes',
    );
  const twice = parts.find(({ names }) => names.length > 1);
  if (twice)
    throw refused(`${where} has more than one folder for the part "${twice.part}": ${list(twice.names)}. Keep one`);
  const nameOf = (part: PartName) => parts.find((one) => one.part === part)?.names[0];
  const [train, val, test] = [nameOf('train'), nameOf('val'), nameOf('test')];
  const evaluated = evaluateOn === null ? (test ?? val) : nameOf(evaluateOn);
  if (train === undefined || evaluated === undefined) {
    const missing = train === undefined ? 'train' : (evaluateOn ?? 'val or test');
    throw refused(
      `${where} has no folder "${missing}"; the folders in it: ${list(found)}. Add it, or name one folder of classes, which is ` +
        'split by a seed (set "layout" to "classes" if these are the classes)',
    );
  }
  return { kind: 'parts', train, tune: evaluated === test && val !== undefined ? val : null, val: evaluated };
}

function refused(text: string): StudyError {
  return new StudyError('data-folder/layout', `${text}.`);
}
