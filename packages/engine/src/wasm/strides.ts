/** One axis of a loop over several arrays: its length, and the step of each array from one index to the next, in values. */
export interface StridedAxis {
  readonly length: number;
  readonly steps: readonly number[];
}

/** The steps of a row-major array of `shape`. */
export function stepsOf(shape: readonly number[]): readonly number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((step, length) => step * length, 1));
}

/**
 * The same loop with as few axes as possible: axes of length 1 left out, neighbours that are one longer axis in every array merged.
 * Null where there is nothing to loop over.
 */
export function mergedAxes(axes: readonly StridedAxis[]): readonly StridedAxis[] | null {
  if (axes.some(({ length }) => length === 0)) return null;
  const merged: StridedAxis[] = [];
  for (const axis of axes) {
    if (axis.length === 1) continue;
    const outer = merged.at(-1);
    if (outer?.steps.every((step, i) => step === axis.length * axis.steps[i]!)) {
      merged[merged.length - 1] = { length: outer.length * axis.length, steps: axis.steps };
    } else merged.push(axis);
  }
  return merged;
}

/** A box of three axes; those that are missing have length 1. */
export type Box = readonly [StridedAxis, StridedAxis, StridedAxis];

/** Calls `visit` for every index of all but the last three axes, with where each array stands. */
export function eachBox(
  axes: readonly StridedAxis[],
  starts: readonly number[],
  visit: (box: Box, starts: readonly number[]) => void,
): void {
  if (axes.length <= 3) {
    const missing = { length: 1, steps: starts.map(() => 0) };
    const box = [...Array<StridedAxis>(3 - axes.length).fill(missing), ...axes] as const;
    visit(box as unknown as Box, starts); // filled up to three
    return;
  }
  const [outer, ...inner] = axes as [StridedAxis, ...StridedAxis[]]; // longer than three
  eachIndex([outer], starts, (inside) => eachBox(inner, inside, visit));
}

/** Calls `visit` for every index of all axes, with where each array stands. */
export function eachIndex(
  axes: readonly StridedAxis[],
  starts: readonly number[],
  visit: (starts: readonly number[]) => void,
): void {
  const [axis, ...inner] = axes;
  if (!axis) {
    visit(starts);
    return;
  }
  for (let i = 0; i < axis.length; i++) {
    eachIndex(
      inner,
      starts.map((start, array) => start + i * axis.steps[array]!),
      visit,
    );
  }
}
