import * as z from 'zod';

/** Which images of a class a dictionary is learned from. */
export const part = z
  .enum(['all', 'even', 'odd'])
  .default('all')
  .describe(
    'images that the dictionary is learned from, by their place in the class: all, or every other one, so that concepts are scored, ' +
      'and their importance is measured, on the others alone; codes and maps are of all images',
  );

/** Places of those of `count` images that a dictionary is learned from. */
export function placesOfPart(asked: z.output<typeof part>, count: number): readonly number[] {
  const first = asked === 'odd' ? 1 : 0;
  return Array.from({ length: count }, (_, place) => place).filter((place) => {
    return asked === 'all' || place % 2 === first;
  });
}
