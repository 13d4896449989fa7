import type { OptionFinding } from '@espalier/core';
import type { MadeFor } from './architecture.ts';
import type { StartOptions } from './start-options.ts';

/** Why weights that fit the architecture do not fit the data; undefined where they do. */
export function misfitOf(
  told: Partial<MadeFor>,
  made: MadeFor,
  { head }: Pick<StartOptions, 'head'>,
): OptionFinding | undefined {
  const { classes, height, width } = told;
  if (height !== undefined && width !== undefined && (height !== made.height || width !== made.width)) {
    return {
      path: ['weights'],
      text:
        `They are for images of ${height} x ${width} pixels, the data has ${made.height} x ${made.width}. ` +
        "Set the size in the dataset's options, or use weights for images of that size.",
    };
  }
  if (head === 'new' || classes === undefined || classes === made.classes) return undefined;
  return {
    path: ['head'],
    text:
      `They tell ${classes} classes apart, the data has ${made.classes}. Set "head" to "new" to go on from all but the last layer, or use weights ` +
      'for the classes of the data.',
  };
}
