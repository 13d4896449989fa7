import { imageSets } from '@espalier/analysis';
import * as z from 'zod';

/** What the report shows and how large it may get. */
export const reportOptions = z.strictObject({
  galleryImages: z
    .int()
    .min(0)
    .max(100_000)
    .nullable()
    .default(120)
    .describe(
      'images in the browser of attributions, taken class by class; null is all that were explained. Each takes about 30 kB for a model and explainer at 144 pixels',
    ),
  classes: z.array(z.string()).nullable().default(null).describe('names of the classes in the galleries; null is all'),
  tileSize: z.int().min(32).max(512).default(144).describe('longest side of a map in pixels'),
  conceptsPerClass: z.int().min(1).max(50).default(5).describe('concepts shown of each class and model'),
  topCrops: z.int().min(0).max(20).default(6).describe('strongest crops shown of each concept'),
  conceptMaps: z.int().min(0).max(10).default(2).describe('images with the concept painted over, of each concept'),
  lineageThreshold: z
    .number()
    .gt(0)
    .lte(1)
    .default(0.8)
    .describe('least correlation of codes at which concepts of two models count as the same'),
  published: z
    .array(z.string().min(1))
    .default([])
    .describe(
      "files of published values to show beside this study's: paths that start with a dot, from the study's folder, or " +
        'files that an installed package exports',
    ),
  sparsityAxis: z.string().default('sparsity').describe('axis that labels a model with its nominal sparsity'),
  seedAxis: z.string().default('seed').describe('axis over which results are averaged'),
  explainerAxis: z.string().default('explainer').describe('axis that names the explainer'),
  armAxis: z.string().default('arm').describe('axis of what was done to the models: a treatment and its controls'),
  treatment: z
    .string()
    .nullable()
    .default(null)
    .describe('label on the arm axis that claims are about; the others are its controls. Every arm, where none has it'),
  control: z
    .string()
    .nullable()
    .default(null)
    .describe(
      'label on the arm axis that the treatment is held against first, such as networks trained on as long; the dense model, where none has it',
    ),
  drawAxis: z
    .string()
    .default('draw')
    .describe('axis of draws of what is random and not trained: masks, dictionaries, random weights'),
  endpoints: z
    .array(z.string().min(1))
    .max(100)
    .default([])
    .describe(
      'metrics that the study is about, by name: they share an error rate of 5 %, and other primary scores are findings only where these differ; every primary score, where none is named',
    ),
  margins: z
    .record(z.string().min(1), z.number().gt(0).max(1e6)) // no unit of ours reaches it
    .default({})
    .describe(
      "largest differences that do not matter, by metric, in its own unit (a share for percentages): within them models count as equivalent; a metric's own, where it is not named",
    ),
  bars: z
    .record(z.string().min(1), z.number().gte(-1e6).lte(1e6)) // no unit of ours reaches it
    .default({})
    .describe(
      "means that an explainer has to be better than to pass a sanity check, by metric, in its own unit; a metric's own, where it is not named",
    ),
  definitionAxis: z.string().default('definition').describe('axis of the definitions that a metric is scored under'),
  defaultDefinition: z.string().default('default').describe('label on the definition axis that claims go by'),
  imageSet: z
    .enum(imageSets)
    .default('all')
    .describe(
      'images that claims are about: all (a metric may ask for the next), those that all models of the compared arms classify correctly, or both models of a comparison',
    ),
  resamples: z
    .int()
    .min(99)
    .max(1_000_000) // an interval's ends then move in the third digit no more
    .default(9999)
    .describe('fewest bootstrap resamples behind an interval; 80 for each claim where that is more'),
});

/** The options of the report, with every default filled in. */
export type ReportOptions = z.output<typeof reportOptions>;
