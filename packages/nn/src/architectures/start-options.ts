import * as z from 'zod';

/** The options of every architecture: what its weights are at first. */
export const startOptions = {
  weights: z
    .string()
    .nullable()
    .default(null)
    .describe('safetensors file with torchvision names to start from, relative to the study; null starts from random'),
  head: z
    .enum(['weights', 'new'])
    .default('weights')
    .describe(
      'where the last dense layer is from: `weights`, the file, which must tell the same number of classes apart as the data; ' +
        '`new`, random for the classes of the data, as without a file',
    ),
};

/** The values of `startOptions`. */
export interface StartOptions {
  readonly weights: string | null;
  readonly head: 'weights' | 'new';
}
