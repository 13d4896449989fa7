import {
  type AxisNames,
  caveatsOf,
  claimColumns,
  explainerNames,
  gapsOf,
  leftOutText,
  type ModelRecord,
  makeClaims,
  overSeeds,
  readConcepts,
  readLineages,
  readModels,
  readScores,
  SampleLookup,
  type ScoredSamples,
  ScoreTable,
  scoredSamples,
  summaryColumns,
  wordAnswer,
  writeResultsJson,
} from '@espalier/analysis';
import { type ReportInputs, StudyError } from '@espalier/core';
import { answerMarkdown } from './files/answer-markdown.ts';
import { writeCsv } from './files/csv.ts';
import { writeParquet } from './files/parquet.ts';
import { chooseImages } from './gallery/choose-images.ts';
import { renderConcepts } from './gallery/concept-gallery.ts';
import { renderSaliency } from './gallery/saliency-gallery.ts';
import type { ReportOptions } from './options.ts';
import { renderPage } from './page/page.ts';
import type { PublishedValues } from './published/published-values.ts';

/**
 * The files of a run by name: `report.html`, `answer.md`, `claims.csv`, `results.parquet`, `results.csv` and `results.json`.
 *
 * Artifacts are loaded one at a time and let go before the next: memory is that of the largest one and the table.
 *
 * @throws StudyError `core/values-not-finite` when a score is NaN or infinite
 * @throws StudyError `core/options-invalid` when `classes` names a class that the images do not have
 */
export async function writeReport(
  inputs: ReportInputs,
  options: ReportOptions,
  published: readonly PublishedValues[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const { provenance, images, missing } = inputs;
  const axes = axisNames(options);
  const classes = classIndices(images.classes, options.classes);
  const explained = await explainedIndices(inputs);
  const indices = chooseImages(images, explained, { limit: options.galleryImages, classes });

  const models = await readModels(inputs.models, axes);
  const origins = inputs.scores.map(({ origin }) => origin);
  const table = new ScoreTable(provenance.study.name, origins, images);
  const lookup = new SampleLookup(indices.map((index) => images.ids[index]!));
  const compared: ScoredSamples[] = [];
  const scores = await readScores(inputs.scores, models, axes, (measured, result) => {
    compared.push(...[scoredSamples(measured, result)].filter((part) => part !== null));
    table.add(measured, result);
    lookup.add(measured, result);
  });
  const claims = makeClaims(compared, { ...options, seed: provenance.seed });
  const levels = overSeeds(scores.filter(({ alternative }) => alternative === null));
  const concepts = await readConcepts(inputs.concepts);
  const { lineageThreshold } = options;
  const lineages = await readLineages(inputs.concepts, models, { axes, threshold: lineageThreshold });
  const gallery = await renderSaliency(inputs.attributions, models, images, {
    indices,
    axes,
    tileSize: options.tileSize,
  });
  const panels = await renderConcepts(inputs.concepts, models, images, { ...options, classes, axes });
  const labels = [...scores, ...gallery.columns].flatMap(({ explainer }) => explainer ?? []);
  const explainers = explainerNames(labels);
  const answer = wordAnswer(claims, explainers);
  const [gaps, caveats] = [gapsOf(missing, scores), caveatsOf(models, axes)];
  const page = await renderPage({
    ...{ provenance, axes, images, models, levels, claims, answer, gaps, caveats, lookup, gallery },
    ...{ concepts: panels, lineages, lineageThreshold },
    explainers,
    explained: explained.length,
    published,
    treatment: treatmentOf(models, options.treatment),
  });
  const about = { study: provenance.study.name, 'study-digest': provenance.study.digest };
  const { leftOut } = images;
  const parts = { provenance, missing, caveats, leftOut, models, scores, levels, claims, answer, concepts, lineages };
  const read = { answer, claims, gaps, caveats, notice: leftOutText(images) };
  return new Map([
    ['report.html', new TextEncoder().encode(page)],
    ['results.parquet', writeParquet(table.columns, about)],
    ['results.csv', writeCsv(summaryColumns(provenance.study.name, origins, scores))],
    ['claims.csv', writeCsv(claimColumns(claims.claims))],
    ['answer.md', new TextEncoder().encode(answerMarkdown(provenance.study.name, read))],
    ['results.json', writeResultsJson(parts)],
  ]);
}

function axisNames(options: ReportOptions): AxisNames {
  return {
    sparsity: options.sparsityAxis,
    seed: options.seedAxis,
    explainer: options.explainerAxis,
    arm: options.armAxis,
    definition: options.definitionAxis,
    defaultDefinition: options.defaultDefinition,
  };
}

/** The arm that the study treats, or its first one where none has that label. */
function treatmentOf(models: readonly ModelRecord[], label: string): string | null {
  const arms = models.flatMap(({ arm }) => (arm === null ? [] : [String(arm)]));
  return arms.includes(label) ? label : (arms[0] ?? null);
}

/** Indices of the images that have attributions; of all images where nothing was explained. */
async function explainedIndices({ attributions, images }: ReportInputs): Promise<readonly number[]> {
  const first = attributions[0];
  if (!first) return [...images.ids.keys()];
  const ids = new Set((await first.load()).ids);
  return [...images.ids.keys()].filter((index) => ids.has(images.ids[index]!));
}

function classIndices(classes: readonly string[], names: readonly string[] | null): ReadonlySet<number> {
  if (names === null) return new Set(classes.keys());
  return new Set(
    names.map((name) => {
      const index = classes.indexOf(name);
      if (index >= 0) return index;
      throw new StudyError(
        'core/options-invalid',
        `The report's option "classes" names "${name}"; the explained images have the classes ` +
          `${classes.map((known) => `"${known}"`).join(', ')}. Name one of these, or leave the option out for all.`,
      );
    }),
  );
}
