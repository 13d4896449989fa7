import * as z from 'zod';

/** What a study may say of a network. */
export const resnetOptions = z.strictObject({
  width: z
    .int()
    .min(1)
    .default(64)
    .describe('channels of the first group; the later ones have 2, 4 and 8 times as many'),
  weights: z
    .string()
    .nullable()
    .default(null)
    .describe('safetensors file with torchvision names to start from, relative to the study; null starts from random'),
});

export type ResnetOptions = z.output<typeof resnetOptions>;
