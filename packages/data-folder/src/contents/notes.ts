import type { LeftOut } from '@espalier/core';
import { shownPath } from '@espalier/files';
import { firstOf } from '../listing/first-of.ts';

/** What is in the folder of a dataset and not among its images. */
export interface NotAmongImages {
  readonly leftOut: readonly LeftOut[];
  /** Folders that are not among those to read. */
  readonly unchosen?: readonly string[];
  readonly passedOver: readonly string[];
  readonly clutter: readonly string[];
}

/** Sentences about what is not among the images of a dataset. */
export function notesOf({ leftOut, unchosen = [], passedOver, clutter }: NotAmongImages): readonly string[] {
  const damaged = leftOut.map(({ id, reason }) => `${shownPath(id)} (${reason})`);
  return [
    ...note('Left out', damaged),
    ...note('Not read, since not among the folders that are asked for', unchosen.map(shownPath)),
    ...note('Not read, since no image in a class folder', passedOver.map(shownPath)),
    ...note('Passed over, since hidden or left behind by a program', clutter.map(shownPath)),
  ];
}

/** A sentence about things, at most ten by name; none where there are none. */
export function note(what: string, things: readonly string[]): readonly string[] {
  return things.length === 0 ? [] : [`${what}: ${things.length}: ${firstOf(things, 10)}`];
}
