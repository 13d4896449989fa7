import {
  aspectTitle,
  count,
  isShare,
  type LevelResult,
  levelKey,
  levelsOf,
  type ScoreSeries,
  seriesOf,
  sizeText,
  span,
  valueText,
} from '@espalier/analysis';
import { foldedTable, type Html, html, type Part, type Table, table } from '@espalier/html';
import { group } from 'd3-array';
import { controlsApart, type PageData } from '../page-data.ts';
import { samplesText } from '../parts/samples-text.ts';
import { absent, section } from '../parts/section.ts';
import { sparsityWords } from './sparsity-words.ts';

/** A table for every aspect: measures are many and levels are few, so each measure has a row. */
export function numbersSection(data: PageData): Html {
  const aspects = [...group(seriesOf(data, data.levels), ({ score }) => score.aspect)];
  const seeds = Math.max(...data.levels.map((level) => level.seeds));
  const isBeside = data.levels.some(({ results }) => results[0]!.difference);
  const content = html`${
    aspects.length === 0
      ? absent('This run has no scores; what was computed is shown below.')
      : html`<p class="aside">Means over the samples of a model${seeds > 1 ? `, then over ${seeds} seeds with their range below` : ', one seed'}; n counts images where nothing else is said.${isBeside && ' Where a reference was measured, the line below a value is what it is above the reference, with its standard error over the samples where there is one seed, and the reference in brackets.'}</p>`
  }
${aspects.map(([aspect, series]) => aspectTables(data, aspect, series))}
${omittedTable(data)}`;
  return section('numbers', 'In numbers', content);
}

/** Says loudly which models are not as sparse as their label. */
export function sparsityWarning({ models }: PageData): Html | null {
  const wrong = models.filter(({ labelHolds }) => !labelHolds);
  if (wrong.length === 0) return null;
  const items = wrong.map((model) => html`<li>${sparsityWords(model)}</li>`);
  return html`<div class="warning" id="disagreement" role="note" aria-label="Sparsity disagreement">
<p><strong>${count(wrong.length, 'model is', 'models are')} not as sparse as labelled.</strong> Everything below goes by the counted sparsity.</p>
<ul>${items}</ul></div>`;
}

/** The scores that the aspect is about; folded away, those that are read beside them, and both for each control. */
function aspectTables(data: PageData, aspect: string, all: readonly ScoreSeries[]): Html {
  const title = aspectTitle(aspect);
  const { own, controls } = controlsApart(data, all);
  const isCompanion = ({ score }: ScoreSeries) => score.role === 'companion' && !score.difference;
  const asked = (series: readonly ScoreSeries[]) => series.filter((one) => !isCompanion(one) && !one.score.difference);
  const shown = (series: readonly ScoreSeries[], caption: string) => scoreTable(data, series, all, caption);
  const first = shown(asked(own), `${title} by counted sparsity`);
  const beside = shown(own.filter(isCompanion), `${title}: read beside`);
  return html`<h3>${title}</h3>
${first && table(first, `${title} by counted sparsity`)}
${beside && foldedTable('Read beside', beside)}
${[...controls].map(([variant, series]) => {
  const content = shown([...asked(series), ...series.filter(isCompanion)], `${title} of ${variant}`);
  return content && foldedTable(`The same for ${variant}`, content);
})}`;
}

function scoreTable(
  data: PageData,
  series: readonly ScoreSeries[],
  all: readonly ScoreSeries[],
  caption: string,
): Table | null {
  if (series.length === 0) return null;
  const known = new Set(series.flatMap(({ levels }) => levels.map(levelKey)));
  const levels = levelsOf(...data.models, ...data.levels).filter(({ key }) => known.has(key));
  const rows = series.map((one) => {
    const differences = all.filter(({ score }) => isDifference(score.difference?.of, score.origin.instance, one));
    const cellAt = (key: string) => {
      const at = (of: ScoreSeries) => of.levels.find((level) => levelKey(level) === key);
      return cellOf(at(one), { sizes: commonSizes(one) === null, above: differences.flatMap((of) => at(of) ?? []) });
    };
    return [rowHead(one, differences), ...levels.map(({ key }) => cellAt(key))];
  });
  return { caption, head: ['Measure', ...levels.map(({ name }) => name)], rows };
}

/** Whether a score that is a difference of the metric `of`, computed at `instance`, is one of `series`. */
function isDifference(of: string | undefined, instance: string, { score, levels }: ScoreSeries): boolean {
  return (
    of === score.metric && levels.some(({ results }) => results.some(({ origin }) => origin.instance === instance))
  );
}

function rowHead(series: ScoreSeries, differences: readonly ScoreSeries[]): Html {
  const { words, preset, isTiming } = series.score;
  const about = [series.name, commonSizes(series)].filter((part) => part !== null && part !== '').join(', ');
  const less = differences.map(({ score }) => html`<span class="sub">less ${score.difference!.from}</span>`);
  return html`<span title="${words.meaning}">${words.name}</span> <code class="preset">${preset}</code>${about !== '' && html`<span class="sub">${about}</span>`}${isTiming && html`<span class="sub">by a clock: another run gives other numbers</span>`}${less}`;
}

/** Sample sizes where all cells of the row share them. */
function commonSizes({ levels }: ScoreSeries): string | null {
  const texts = new Set(levels.map(sizesOf));
  return texts.size === 1 ? [...texts][0]! : null;
}

function sizesOf({ n, seeds, results }: LevelResult): string {
  const { sample, summary } = results[0]!;
  const kind = sample === 'image' ? '' : ` ${samplesText(sample)}`;
  const parts = [summary === 'mean' && `n ${span(n)}${kind}`, seeds > 1 && count(seeds, 'seed')];
  return parts.filter((part) => part !== false).join(', ');
}

interface CellParts {
  /** Whether the cell says how many samples it has. */
  readonly sizes: boolean;
  /** What the value is above each reference. */
  readonly above: readonly LevelResult[];
}

function cellOf(level: LevelResult | undefined, { sizes, above }: CellParts): Part {
  if (!level) return html`<span class="none">not measured</span>`;
  const text = (value: number) => valueText(level, value);
  return html`${text(level.value)}${level.seeds > 1 && html`<span class="sub">${text(level.lowest)} to ${text(level.highest)}</span>`}${above.map(
    (one) => {
      const error = one.standardError === null ? '' : ` \u00b1 ${sizeText(level, one.standardError)}`;
      const points = isShare(level) ? sizeText(level, one.value) : text(one.value);
      return html`<span class="sub">${one.value >= 0 && '+'}${points}${error} (${text(level.value - one.value)})</span>`;
    },
  )}${sizes && html`<span class="sub">${sizesOf(level)}</span>`}`;
}

/** Which samples have no score, by measure and reason; null where all have one. */
function omittedTable(data: PageData): Html | null {
  const incomplete = data.levels.filter(({ results }) => results.some(({ omitted }) => omitted.length > 0));
  if (incomplete.length === 0) return null;
  const rows = seriesOf(data, incomplete).flatMap(({ name, levels, score }) => {
    const results = levels.flatMap((level) => level.results);
    const reasons = [...new Set(results.flatMap(({ omitted }) => omitted.map(({ reason }) => reason)))];
    const measure = `${[score.words.name, name].filter((part) => part !== '').join(', ')} (${score.preset})`;
    const most = (counts: readonly number[]) => span([Math.min(...counts), Math.max(...counts)]);
    return reasons.map((reason) => {
      const counts = results.map(({ omitted }) => omitted.find((part) => part.reason === reason)?.count ?? 0);
      return [measure, reason, most(counts), most(results.map(({ n }) => n))];
    });
  });
  return foldedTable('Samples without a score', {
    caption: 'Samples that a measure leaves out of its mean, and why: fewest to most over the models.',
    head: ['Measure', 'Why', 'Without', 'With'],
    rows,
    numbersFrom: 2,
  });
}
