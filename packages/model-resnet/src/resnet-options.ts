import * as z from 'zod';

/** What a study may say of a network. */
export const resnetOptions = z.strictObject({
  width: z
    .int()
    .min(1)
    .max(256) // four times as wide as the paper's; the weights of wider ones are larger than what Node reads and writes at once, 2 GiB
    .default(64)
    .describe('channels of the first group, at most 256; the later ones have 2, 4 and 8 times as many'),
  weights: z
    .string()
    .nullable()
    .default(null)
    .describe('safetensors file with torchvision names to start from, relative to the study; null starts from random'),
});

export type ResnetOptions = z.output<typeof resnetOptions>;
