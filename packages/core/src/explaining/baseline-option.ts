import * as z from 'zod';

/** The images that stand for nothing, as options name them. */
export const baselineChoices = [
  z.strictObject({ name: z.literal('black') }),
  z.strictObject({ name: z.literal('mean') }),
  z.strictObject({
    name: z.literal('blur'),
    sigma: z.number().positive().max(1).default(0.05).describe('standard deviation, as a fraction of the shorter side'),
  }),
] as const;

/** The option `baseline` of methods that take parts of an image away: what comes in their place. */
export const baselineOption = z
  .discriminatedUnion('name', baselineChoices)
  .default({ name: 'mean' })
  .describe('what comes in the place of what is taken away: black, mean (zero after normalisation), blur of the image');

/** An image that stands for nothing. */
export type BaselineChoice = z.output<typeof baselineOption>;
