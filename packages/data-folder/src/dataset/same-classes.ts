import { StudyError } from '@espalier/core';
import { shownPath } from '@espalier/files';
import { list } from '../listing/first-of.ts';

/**
 * Every part has the same classes.
 *
 * @throws StudyError `data-folder/classes-differ`
 */
export function expectSameClasses(
  train: { readonly path: string; readonly classes: readonly string[] },
  other: { readonly path: string; readonly classes: readonly string[] },
): void {
  const onlyIn = (own: readonly string[], others: readonly string[]) => {
    const known = new Set(others);
    return own.filter((name) => !known.has(name));
  };
  const [missing, unknown] = [onlyIn(train.classes, other.classes), onlyIn(other.classes, train.classes)];
  if (missing.length + unknown.length === 0) return;
  const looks = new Map(missing.map((name) => [folded(name), name]));
  const alike = unknown.find((name) => looks.has(folded(name)));
  const hint =
    alike === undefined
      ? ''
      : ` "${shownPath(alike)}" and "${shownPath(looks.get(folded(alike))!)}" differ only in case, spaces or Unicode form.`;
  throw new StudyError(
    'data-folder/classes-differ',
    `Expected the same class folders in "${shownPath(train.path)}" and "${shownPath(other.path)}"; only in the first: ` +
      `${list(missing)}; only in the second: ${list(unknown)}.${hint} Rename or move folders, or name the classes to read in ` +
      'the option "classes".',
  );
}

/** What two names that look alike have in common. */
function folded(name: string): string {
  return name.normalize('NFKC').toLowerCase().trim();
}
