import { bankOptions, maxConcepts, sobolOptions } from '@espalier/concept-activations';
import { type InForce, mostImages, type Presets } from '@espalier/core';
import * as z from 'zod';

/** The options of the plugin `craft`. */
export const options = z.strictObject({
  concepts: z.int().min(1).max(maxConcepts).default(10).describe(`concepts per class, at most ${maxConcepts}`),
  layer: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('layer whose activations are factorised; null takes the last'),
  patch: bankOptions.patch,
  part: bankOptions.part,
  restarts: z
    .int()
    .min(0)
    .max(100)
    .default(2)
    .describe('factorisations from seeded random starts, besides the one from extreme crops'),
  tolerance: z
    .number()
    .positive()
    .lt(1)
    .default(1e-3)
    .describe('a factorisation stops when its projected gradient has fallen to this fraction of the first one'),
  maxIterations: z.int().min(1).max(100_000).default(500).describe('iterations of one factorisation'),
  importance: z
    .enum(['sobol', 'none'])
    .default('sobol')
    .describe('whether the importance of concepts is measured, which takes most of the time where the head is deep'),
  preset: z
    .enum(['corrected', 'craft-torch'])
    .default('corrected')
    .describe('whose choices, where `negative` and `masks` say nothing'),
  negative: z
    .enum(['split', 'refuse'])
    .optional()
    .describe(
      'what becomes of negative activations: split, the positive and the negative part of every feature are factorised side by side, which ' +
        "gives signed directions; or refused, as Craft does; the preset's if absent. Where no activation is negative, both are the same",
    ),
  masks: z
    .enum(['scrambled-sobol', 'halton-32'])
    .optional()
    .describe(
      'masks that importance is measured with: scrambled Sobol sets with a stated error, or the 32 unscrambled Halton points of ' +
        "the PyTorch code of Craft (biased, no error stated; the options of Sobol sets are not read); the preset's if absent",
    ),
  ...sobolOptions,
  depth: z
    .int()
    .min(0)
    .max(8) // every level multiplies the banks by the concepts that are looked into
    .default(0)
    .describe('levels of concepts within concepts, at earlier layers; 0 stops at the first'),
  layers: z
    .array(z.string().min(1))
    .readonly()
    .default([])
    .describe('layers of the levels below the first; those missing are the ones before, in the order of the model'),
  branch: z
    .strictObject({
      importance: z
        .number()
        .min(0)
        .max(1)
        .default(0.1)
        .describe('mean total Sobol index from which a concept is looked into'),
      crops: z
        .int()
        .min(2)
        .max(mostImages)
        .default(32)
        .describe('crops taken from each concept, those where it is strongest'),
      concepts: z.int().min(1).max(maxConcepts).default(4).describe('concepts looked for within a concept'),
    })
    .prefault({})
    .describe('which concepts are looked into, and how far'),
});

/** Ours, and what Craft's PyTorch code does, `craft-torch`. */
export const craftPresets = {
  corrected: { negative: 'split', masks: 'scrambled-sobol' },
  'craft-torch': { negative: 'refuse', masks: 'halton-32' },
} as const satisfies Presets<z.output<typeof options>>;

export type CraftOptions = InForce<z.output<typeof options>, typeof craftPresets>;
