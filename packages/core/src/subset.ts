import { createHash } from 'node:crypto';
import type { Split } from './dataset.ts';
import { StudyError } from './errors.ts';
import { randomStream } from './random/random.ts';

/** The images `indices` of `split`, in that order, as a split of their own. */
export function subset(split: Split, name: string, indices: readonly number[]): Split {
  const { truth, leftOut } = split;
  const parents = (own: readonly number[]) => own.map((index) => indices[index]!);
  const ids = indices.map((index) => split.ids[index]!);
  return {
    name,
    ids,
    labels: indices.map((index) => split.labels[index]!),
    classes: split.classes,
    height: split.height,
    width: split.width,
    normalisation: split.normalisation,
    digest: createHash('sha256')
      .update(JSON.stringify([split.digest, ids]))
      .digest('hex'),
    images: (own) => split.images(parents(own)),
    pixels: (own) => split.pixels(parents(own)),
    ...(leftOut && { leftOut }),
    ...(truth && { truth: (index: number) => truth(indices[index]!) }),
  };
}

/**
 * `perClass` images of every class: the part of an evaluation split that explanations are computed on.
 *
 * Which images are taken depends on the seed and the sample ids alone, so a larger `perClass` keeps those of a
 * smaller one. The split's order is kept.
 *
 * @throws StudyError `core/options-invalid` when a class has fewer images.
 */
export function balancedSubset(split: Split, perClass: number, seed: number): Split {
  const short = byClass(split).findIndex((indices) => indices.length < perClass);
  if (short >= 0) {
    const found = split.labels.filter((label) => label === short).length;
    throw new StudyError(
      'core/options-invalid',
      `A balanced part of the split "${split.name}" needs ${perClass} images per class; ` +
        `"${split.classes[short]}" has ${found}. Ask for at most ${found} per class.`,
    );
  }
  const chosen = byClass(split).flatMap((indices) => drawn(split, indices, seed, 'balanced').slice(0, perClass));
  return subset(
    split,
    'eval',
    chosen.sort((a, b) => a - b),
  );
}

/**
 * Parts training images into `train` and `tune`: of every class, the fraction `tuneFraction` (rounded) goes to `tune`.
 *
 * Which images go depends on the seed and the sample ids alone: another class or image more moves no other one.
 *
 * @param tuneFraction in [0, 1)
 */
export function holdOut(
  split: Split,
  tuneFraction: number,
  seed: number,
): { readonly train: Split; readonly tune: Split } {
  const held = new Set(
    byClass(split).flatMap((indices) =>
      drawn(split, indices, seed, 'hold-out').slice(0, Math.round(tuneFraction * indices.length)),
    ),
  );
  const all = [...split.ids.keys()];
  return {
    train: subset(
      split,
      'train',
      all.filter((index) => !held.has(index)),
    ),
    tune: subset(
      split,
      'tune',
      all.filter((index) => held.has(index)),
    ),
  };
}

function byClass({ labels, classes }: Split): readonly (readonly number[])[] {
  const indices = classes.map((): number[] => []);
  labels.forEach((label, index) => {
    indices[label]!.push(index);
  });
  return indices;
}

/** `indices` in an order that a number drawn for each sample id decides. */
function drawn({ ids }: Split, indices: readonly number[], seed: number, purpose: string): readonly number[] {
  const own = indices.map((index) => ids[index]!);
  return drawnOrder(own, seed, purpose).map((place) => indices[place]!);
}

/**
 * Indices into `ids` in the order of a number that is drawn for each: another id among them changes the order of no two others.
 *
 * @param purpose what the order is for: each has an order of its own
 */
export function drawnOrder(ids: readonly string[], seed: number, purpose: string): readonly number[] {
  const draws = ids.map((id) => randomStream(seed, purpose, id).uint32());
  return [...ids.keys()].sort((a, b) => draws[a]! - draws[b]! || a - b);
}
