import { sayings } from '@espalier/analysis';
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

/** Which of a study's claims would show a published one. */
const test = z.strictObject({
  metric: text.describe('the score as programs call it, in kebab-case'),
  explainer: text.optional().describe('as in `series`'),
  labels: z
    .record(z.string(), z.union([text, z.number()]))
    .optional()
    .describe('labels of the study on other axes that it is about'),
  arm: text.optional().describe('label of the arm that it is about; the one that the report asks about if absent'),
  against: text.default('dense').describe('what pruned models are held against: the label of an arm, or `dense`'),
  levels: z
    .tuple([level, z.number().gt(0).max(1)])
    .default([0, 1])
    .describe('lowest and highest sparsity that it is about'),
  says: z.enum(sayings).describe('what becomes of the score'),
  of: z
    .enum(['all', 'some'])
    .default('all')
    .describe('whether it is claimed of every level and explainer that is asked, or of one at least'),
});

/** What the publication claims, and which of a study's claims would show it, or why none would. */
const claim = z
  .strictObject({
    text: text.describe('the claim as a sentence'),
    stands: text.describe('where it stands: `abstract`, `Table 2`'),
    test: test.optional(),
    why: text.optional().describe('why nothing that is measured here would show it, where there is no `test`'),
  })
  .refine(({ test, why }) => (test === undefined) !== (why === undefined), {
    error: 'Expected either a `test` or `why` there is none',
  });

/** A file of what was published: whose it is, what to know before comparing, the claims and the numbers. */
export const publishedValues = z.strictObject({
  name: text.describe('a few words for legends, for example `Doe et al. (2024)`'),
  title: text.describe('title of the publication'),
  url: z.url({ protocol: /^https?$/ }).describe('where it is'),
  source: text.describe('where in the publication the numbers stand'),
  note: text.describe('what to know before comparing, in sentences'),
  levels: z.enum(['nominal', 'counted']).describe('what its levels are: labels, or sparsities that were counted'),
  claims: z.array(claim).max(100).default([]),
  series: z.array(series).max(1000).default([]),
  curves: z.array(curves).max(1000).default([]),
});

/** Numbers that somebody published, as `readPublished` reads them. */
export type PublishedValues = z.output<typeof publishedValues>;
