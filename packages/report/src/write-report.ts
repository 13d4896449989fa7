import {
  type Analysis,
  type AxisNames,
  analyse,
  claimColumns,
  leftOutText,
  readModels,
  resultsJson,
  SampleLookup,
  ScoreTable,
  summaryColumns,
  type TableColumn,
} from '@espalier/analysis';
import { type ReportInputs, StudyError } from '@espalier/core';
import { ascending } from 'd3-array';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { browseAttributions } from './browser/browse-attributions.ts';
import { readExplained } from './browser/explained.ts';
import { answerMarkdown } from './files/answer-markdown.ts';
import { writeCsv } from './files/csv.ts';
import { chooseImages } from './gallery/choose-images.ts';
import { renderConcepts } from './gallery/concept-gallery.ts';
import type { ReportOptions } from './options.ts';
import { renderPage } from './page/page.ts';
import type { PublishedValues } from './published/published-values.ts';
import { publishedClaims } from './published/read-published.ts';

/**
 * The files of a run by name: `report.html` with its pictures in `report_files/`, `answer.md`, `claims.csv`, `results.parquet`,
 * `results.csv` and `results.json`.
 *
 * Artifacts are loaded one at a time and let go before the next: memory is that of the largest one, the table, the pictures as they are
 * written, and 256 MiB of maps that wait to be painted.
 *
 * @throws StudyError `core/values-not-finite` when a score is NaN or infinite
 * @throws StudyError `core/options-invalid` when `classes` names a class that the images do not have
 */
export async function writeReport(
  inputs: ReportInputs,
  options: ReportOptions,
  published: readonly PublishedValues[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const { images, concepts } = inputs;
  const axes = axisNames(options);
  const classes = classIndices(images.classes, options.classes);
  const explained = await readExplained(inputs.attributions, images, axes);
  const limit = options.galleryImages ?? Number.POSITIVE_INFINITY;
  const indices = chooseImages(images, explained.indices, { limit, classes });

  const models = await readModels(inputs.models, axes);
  const { tileSize } = options;
  const pictures = new Map<string, Uint8Array>();
  const browsed = { explained, indices, axes, tileSize };
  const browser = await browseAttributions(inputs.attributions, models, images, browsed, (name, bytes) =>
    pictures.set(name, bytes),
  );
  const origins = inputs.scores.map(({ origin }) => origin);
  const table = new ScoreTable(inputs.provenance.study.name, origins, images);
  const lookup = new SampleLookup(indices.map((index) => images.ids[index]!));
  const asked = { ...options, axes, explained: browser.explainers, publishedClaims: publishedClaims(published) };
  const analysis = await analyse(inputs, models, asked, (measured, result) => {
    table.add(measured, result);
    lookup.add(measured, result);
  });
  const page = await renderPage({
    ...{ ...analysis, provenance: inputs.provenance, images, lookup, browser, published },
    hasMaps: inputs.attributions.length > 0,
    concepts: await renderConcepts(concepts, models, images, { ...options, classes, axes }),
    lineageThreshold: options.lineageThreshold,
    explained: explained.indices.length,
    treatment: models.some(({ arm }) => arm !== null && String(arm) === options.treatment) ? options.treatment : null,
  });
  // Pictures are done in any order; the files are in theirs.
  return new Map([...filesOf(inputs, analysis, { page, table }), ...[...pictures].sort(([a], [b]) => ascending(a, b))]);
}

function filesOf(
  inputs: ReportInputs,
  analysis: Analysis,
  { page, table }: { readonly page: string; readonly table: ScoreTable },
): ReadonlyMap<string, Uint8Array> {
  const { name, digest } = inputs.provenance.study;
  const origins = inputs.scores.map(({ origin }) => origin);
  const text = (content: string) => new TextEncoder().encode(content);
  return new Map([
    ['report.html', text(page)],
    ['results.parquet', writeParquet(table.columns, { study: name, 'study-digest': digest })],
    ['results.csv', writeCsv(summaryColumns(name, origins, analysis.scores))],
    ['claims.csv', writeCsv(claimColumns(analysis.claims))],
    ['answer.md', text(answerMarkdown(name, { ...analysis, notice: leftOutText(inputs.images) }))],
    ['results.json', text(`${JSON.stringify(resultsJson(inputs, analysis), null, 2)}\n`)],
  ]);
}

function axisNames(options: ReportOptions): AxisNames {
  return {
    sparsity: options.sparsityAxis,
    seed: options.seedAxis,
    explainer: options.explainerAxis,
    arm: options.armAxis,
    treatment: options.treatment,
    control: options.control,
    draw: options.drawAxis,
    definition: options.definitionAxis,
    defaultDefinition: options.defaultDefinition,
  };
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

/** The table as Parquet: text as UTF-8 strings, numbers as float64, both nullable. `about` goes into its metadata. */
function writeParquet(columns: readonly TableColumn[], about: Readonly<Record<string, string>>): Uint8Array {
  const buffer = parquetWriteBuffer({
    columnData: columns.map(({ name, type, values }) => ({
      name,
      data: [...values],
      type: type === 'text' ? ('STRING' as const) : ('DOUBLE' as const),
      nullable: true,
    })),
    kvMetadata: Object.entries(about).map(([key, value]) => ({ key, value })),
    createdBy: 'espalier',
  });
  return new Uint8Array(buffer);
}
