import * as z from 'zod';

const text = z.string().min(1).max(2000);
const level = z.number().min(0).lt(1).describe('sparsity, a fraction in [0, 1)');

/** One line: a metric over levels. */
const series = z.strictObject({
  metric: text.describe('the score as programs call it, in kebab-case'),
  explainer: text.optional().describe('the method as people call it; of every one if absent'),
  presets: z
    .array(text)
    .min(1)
    .optional()
    .describe('drawn beside scores of these presets, changed or not; of all if absent'),
  as: text
    .default('published')
    .describe('how the values came to be: `published`, or what was made of what was published'),
  points: z
    .array(z.tuple([level, z.number()]))
    .min(1)
    .describe('level and value'),
});

/** Curves of one metric behind its values, one for each level. */
const curves = z
  .strictObject({
    metric: text.describe('the score whose curves these are'),
    explainer: text.optional().describe('as in `series`'),
    at: z.array(z.number()).min(2).describe("positions, in the unit of the score's own curve"),
    levels: z.array(z.strictObject({ level, values: z.array(z.number()) })).min(1),
  })
  .refine(({ at, levels }) => levels.every(({ values }) => values.length === at.length), {
    path: ['levels'],
    error: 'Expected one value for each position in `at`',
  });

/** A file of published values: whose they are, what to know before comparing, and the numbers. */
export const publishedValues = z.strictObject({
  name: text.describe('a few words for legends, for example `Doe et al. (2024)`'),
  title: text.describe('title of the publication'),
  url: z.url({ protocol: /^https?$/ }).describe('where it is'),
  source: text.describe('where in the publication the numbers stand'),
  note: text.describe('what to know before comparing, in sentences'),
  levels: z.enum(['nominal', 'counted']).describe('what its levels are: labels, or sparsities that were counted'),
  series: z.array(series).max(1000).default([]),
  curves: z.array(curves).max(1000).default([]),
});

/** Numbers that somebody published, as `readPublished` reads them. */
export type PublishedValues = z.output<typeof publishedValues>;
