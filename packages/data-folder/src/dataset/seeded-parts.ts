import { drawnOrder, StudyError } from '@espalier/core';
import { shownPath } from '@espalier/files';
import { firstOf } from '../listing/first-of.ts';
import type { ImageFile } from '../listing/image-file.ts';

/** Fractions of every class that are taken out of the images that train. */
export interface Fractions {
  readonly val: number;
  readonly tune: number;
}

/** Images of each part. */
export type SeededParts = Readonly<Record<'train' | 'tune' | 'val', readonly ImageFile[]>>;

/**
 * Parts the images of every class: of each fraction above 0 the rounded number, at least one image.
 *
 * Which images go depends on the seed and the ids alone: another class moves none, another image at most one across each border.
 *
 * @throws StudyError `data-folder/too-few-images` where a class has none left to train on
 */
export function seededParts(
  files: readonly ImageFile[],
  classes: readonly string[],
  { val, tune }: Fractions,
  seed: number,
): SeededParts {
  const [takenToVal, takenToTune] = [new Set<ImageFile>(), new Set<ImageFile>()];
  const short: string[] = [];
  for (const [label, own] of byLabel(files, classes).entries()) {
    const counts = [val, tune].map((fraction) => (fraction === 0 ? 0 : Math.max(1, Math.round(fraction * own.length))));
    const [valCount, tuneCount] = [counts[0]!, counts[1]!];
    if (valCount + tuneCount >= own.length) short.push(`"${shownPath(classes[label]!)}" has ${own.length}`);
    const order = drawn(own, seed, 'part');
    for (const file of order.slice(0, valCount)) takenToVal.add(file);
    for (const file of order.slice(valCount, valCount + tuneCount)) takenToTune.add(file);
  }
  if (short.length > 0) throw tooFew(short, { val, tune });
  return {
    train: files.filter((file) => !takenToVal.has(file) && !takenToTune.has(file)),
    tune: files.filter((file) => takenToTune.has(file)),
    val: files.filter((file) => takenToVal.has(file)),
  };
}

/**
 * At most `most` images of every class, all for null. A larger `most` keeps those of a smaller one.
 *
 * @returns in the order of `files`
 */
export function capped(
  files: readonly ImageFile[],
  classes: readonly string[],
  most: number | null,
  seed: number,
): readonly ImageFile[] {
  if (most === null) return files;
  const kept = new Set(byLabel(files, classes).flatMap((own) => drawn(own, seed, 'cap').slice(0, most)));
  return files.filter((file) => kept.has(file));
}

function byLabel(files: readonly ImageFile[], classes: readonly string[]): readonly (readonly ImageFile[])[] {
  const own = classes.map((): ImageFile[] => []);
  for (const file of files) own[file.label]!.push(file);
  return own;
}

function drawn(files: readonly ImageFile[], seed: number, purpose: string): readonly ImageFile[] {
  const order = drawnOrder(
    files.map(({ id }) => id),
    seed,
    purpose,
  );
  return order.map((index) => files[index]!);
}

function tooFew(short: readonly string[], { val, tune }: Fractions): StudyError {
  const parts = 1 + [val, tune].filter((fraction) => fraction > 0).length;
  return new StudyError(
    'data-folder/too-few-images',
    `Expected images of every class for each of ${parts} parts (fractions: val ${val}, tune ${tune}); too few for that: ` +
      `${firstOf(short, 10)}. Add images, lower "valFraction" or "tuneFraction", or name the classes to read in the option "classes".`,
  );
}
