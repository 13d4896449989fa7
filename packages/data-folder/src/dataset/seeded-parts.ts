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
export type Parts<Each> = Readonly<Record<'train' | 'tune' | 'val', Each>>;

/** Images of one class that each part has: of a fraction above 0 the rounded number, at least one. */
export function partCounts(count: number, { val, tune }: Fractions): Parts<number> {
  const taken = (fraction: number) => (fraction === 0 ? 0 : Math.max(1, Math.round(fraction * count)));
  return { train: count - taken(val) - taken(tune), tune: taken(tune), val: taken(val) };
}

/**
 * Every class has images to train on when the others are taken.
 *
 * @param counts of each class
 * @throws StudyError `data-folder/too-few-images`
 */
export function expectEnough(counts: readonly number[], classes: readonly string[], fractions: Fractions): void {
  const short = counts.flatMap((count, label) =>
    partCounts(count, fractions).train > 0 ? [] : [`"${shownPath(classes[label]!)}" has ${count}`],
  );
  if (short.length === 0) return;
  const { val, tune } = fractions;
  const parts = 1 + [val, tune].filter((fraction) => fraction > 0).length;
  throw new StudyError(
    'data-folder/too-few-images',
    `Expected images of every class for each of ${parts} parts (fractions: val ${val}, tune ${tune}); too few for that: ` +
      `${firstOf(short, 10)}. Add images, lower "valFraction" or "tuneFraction", or name the classes to read in the option "classes".`,
  );
}

/**
 * Parts the images of every class.
 *
 * Which images go where depends on the seed and the ids alone: another class moves none, another image at most one across each border.
 */
export function seededParts(
  files: readonly ImageFile[],
  classes: readonly string[],
  fractions: Fractions,
  seed: number,
): Parts<readonly ImageFile[]> {
  if (fractions.val + fractions.tune === 0) return { train: files, tune: [], val: [] };
  const [takenToVal, takenToTune] = [new Set<ImageFile>(), new Set<ImageFile>()];
  for (const own of byLabel(files, classes)) {
    const { val, tune } = partCounts(own.length, fractions);
    const order = drawn(own, seed, 'part');
    for (const file of order.slice(0, val)) takenToVal.add(file);
    for (const file of order.slice(val, val + tune)) takenToTune.add(file);
  }
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
