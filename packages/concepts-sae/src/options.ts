import { learningFindings, placeOptions } from '@espalier/concept-activations';
import type { OptionFinding, PlanKnowledge } from '@espalier/core';
import * as z from 'zod';

/** The options of both plugins. */
export const options = z.strictObject({
  concepts: z.int().min(1).max(4096).default(64).describe('latents per class; importance is measured of at most 64'),
  k: z.int().min(1).max(1024).default(8).describe('latents that stay at a place; of `batch-top-k` on average'),
  ...placeOptions,
  steps: z.int().min(1).max(1_000_000).default(1000).describe('steps of training, a batch each'),
  batchSize: z.int().min(1).max(65_536).default(256).describe('places, or crops, per step; all where there are fewer'),
  learningRate: z
    .number()
    .positive()
    .max(1)
    .default(0.003)
    .describe("Adam's rate, for activations scaled to a spread of 1; it falls to 0 over the last fifth of the steps"),
  auxiliary: z
    .number()
    .min(0)
    .max(1)
    .default(1 / 32)
    .describe('weight of the loss that brings dead latents back; 0 leaves them dead'),
  deadAfter: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(50)
    .describe('steps without a place that a latent stays at, after which it is dead'),
});

export type SaeOptions = z.output<typeof options>;

/** What is wrong with the options, given the images. */
export function saeFindings(asked: SaeOptions, { images }: PlanKnowledge, title: string): readonly OptionFinding[] {
  const text = tooManyLatents(asked);
  return [...(text === undefined ? [] : [{ path: ['k'], text }]), ...learningFindings(asked, images, title)];
}

/** Why so many latents cannot stay; undefined where they can. */
export function tooManyLatents({ k, concepts }: SaeOptions): string | undefined {
  if (k <= concepts) return undefined;
  return `At a place no more latents stay than there are: expected \`k\` to be at most ${concepts}, the \`concepts\`; found ${k}.`;
}
