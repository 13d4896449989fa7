import * as z from 'zod';

/** What the report shows and how large it may get. */
export const reportOptions = z.strictObject({
  galleryImages: z.int().min(0).max(200).default(12).describe('images in the saliency gallery, taken class by class'),
  classes: z.array(z.string()).nullable().default(null).describe('names of the classes in the galleries; null is all'),
  tileSize: z.int().min(32).max(512).default(144).describe('longest side of a saliency map in pixels'),
  conceptsPerClass: z.int().min(1).max(50).default(5).describe('concepts shown of each class and model'),
  topCrops: z.int().min(0).max(20).default(6).describe('strongest crops shown of each concept'),
  conceptMaps: z.int().min(0).max(10).default(2).describe('images with the concept painted over, of each concept'),
  lineageThreshold: z
    .number()
    .gt(0)
    .lte(1)
    .default(0.5)
    .describe('least correlation of codes at which concepts of two models count as the same'),
  paper: z.boolean().default(true).describe('show the published values of arXiv 2509.21387 beside this study'),
  sparsityAxis: z.string().default('sparsity').describe('axis that labels a model with its nominal sparsity'),
  seedAxis: z.string().default('seed').describe('axis over which results are averaged'),
  explainerAxis: z.string().default('explainer').describe('axis that names the explainer'),
});

export type ReportOptions = z.output<typeof reportOptions>;
