import { StudyError } from '@espalier/core';
import * as z from 'zod';
import { families } from '../claims/families.ts';
import { resultsFormat } from '../tables/results-json.ts';

// Far more than any study has; bound what a page can grow to.
const [mostEntries, mostPositions] = [100_000, 1000];

const label = z.union([z.string(), z.number()]);
const interval = z.tuple([z.number(), z.number()]).nullable();
const unit = z.string().nullable();

const claim = z.object({
  id: z.string(),
  family: z.enum(families),
  aspect: z.string(),
  metric: z.string(),
  name: z.string(),
  unit,
  preset: z.string(),
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  explainer: z.string().nullable(),
  labels: z.string(),
  arm: label.nullable(),
  against: z.union([z.object({ kind: z.literal('dense') }), z.object({ kind: z.literal('control'), arm: label })]),
  place: z.union([
    z.object({ kind: z.literal('level'), level: z.number() }),
    z.object({ kind: z.literal('trend'), to: z.number() }),
  ]),
  imageSet: z.string(),
  difference: z.number().nullable(),
  interval,
  margin: z.number().nullable(),
  verdict: z.enum(['different', 'equivalent', 'inconclusive']),
  why: z.string().nullable(),
});

const curve = z
  .object({
    x: z.string(),
    y: z.string(),
    at: z.array(z.number()).max(mostPositions),
    mean: z.array(z.number()),
    half: z.array(z.number().nullable()),
  })
  .refine(({ at, mean, half }) => at.length > 0 && mean.length === at.length && half.length === at.length, {
    message: 'Expected as many means and halves as positions, and at least one',
  });

const level = z.object({
  metric: z.string(),
  name: z.string(),
  unit,
  preset: z.string(),
  variant: z.string(),
  explainer: z.string().nullable(),
  definition: z.string(),
  sparsity: z.object({ nominal: z.number().nullable(), position: z.number().nullable() }),
  mean: z.number(),
  half: z.number().nullable(),
  curve: curve.nullable(),
});

const results = z.object({
  study: z.object({ name: z.string(), digest: z.string(), profile: z.string().nullable(), text: z.string() }),
  params: z.record(z.string(), z.unknown()),
  seed: z.number(),
  numerics: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).nullable(),
  plugins: z.array(
    z.object({
      alias: z.string(),
      package: z.string(),
      version: z.string(),
      types: z.array(z.object({ type: z.string(), cacheVersion: z.string() })),
    }),
  ),
  recipes: z.array(
    z.object({
      name: z.string(),
      recipe: z.string(),
      version: z.string().nullable(),
      digest: z.string(),
      text: z.string(),
    }),
  ),
  datasets: z.record(z.string(), z.string()),
  explainers: z.record(z.string(), z.string()),
  missing: z.array(z.unknown()),
  claims: z.object({ claims: z.array(claim).max(mostEntries) }),
  levels: z.array(level).max(mostEntries),
});

/** The results that a report wrote, as far as two of them are compared. */
export type Results = z.output<typeof results>;
/** One claim of results. */
export type RecordedClaim = Results['claims']['claims'][number];
/** One measure at one sparsity level of results: the mean over its seeds. */
export type RecordedLevel = Results['levels'][number];

/** The most that results may have, in bytes. */
export const largestResults = 256 * 2 ** 20;

/**
 * Reads the text of a report's `results.json`, which anybody may have written.
 *
 * @param place as the error calls it, for example the path of the file
 * @throws StudyError `analysis/results-invalid` for what is no such file, `analysis/results-format` for one of another version
 */
export function readResults(text: string, place: string): Results {
  const value = parsed(text, place);
  const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined;
  if (format !== resultsFormat) throw otherFormat(format, place);
  const found = results.safeParse(value);
  if (found.success) return found.data;
  const [{ path, message }] = found.error.issues as [z.core.$ZodIssue]; // a failure has one
  throw new StudyError(
    'analysis/results-invalid',
    `${place} is not as a report writes it: at /${path.map(String).join('/')}, ${lowerFirst(message)}. Take the file as it was written, or run its study again.`,
  );
}

function parsed(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new StudyError(
      'analysis/results-invalid',
      `${place} is not readable as JSON, as the results.json of a report is. Give the file as the report wrote it.`,
      { cause },
    );
  }
}

function otherFormat(format: unknown, place: string): StudyError {
  if (typeof format === 'string' && /^espalier-results\/v\d{1,6}$/.test(format)) {
    return new StudyError(
      'analysis/results-format',
      `${place} has results of the format ${format}; this version of Espalier compares ${resultsFormat}. Run its study again with this version.`,
    );
  }
  return new StudyError(
    'analysis/results-invalid',
    `${place} is not the results.json of a report: it does not say "format": "${resultsFormat}". Give what a report wrote.`,
  );
}

function lowerFirst(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
