import {
  type Answer,
  againstText,
  aspectTitle,
  type Claim,
  claimsOfMeasure,
  count,
  decimal,
  definitionCounts,
  differenceText,
  familiesText,
  fixedPercent,
  imageSetsText,
  intervalText,
  levelText,
  type Measure,
  placeText,
  plainSize,
  pText,
  sizeEitherWay,
  valueText,
  type Worded,
  whole,
} from '@espalier/analysis';
import { foldedTable, type Html, html, type Part } from '@espalier/html';
import { methodSources } from '@espalier/numerics';
import { group } from 'd3-array';
import type { PageData } from '../page-data.ts';
import { absent, section } from '../parts/section.ts';

/** The numbers behind every verdict, one row per claim, and how each measure fares under other definitions. */
export function claimsSection({ answer, claims }: PageData): Html {
  if (!answer) return section('claims', 'Claims', absent('No claims: nothing was compared.'));
  const { families, resamples, seed } = claims;
  const methods = [...new Set(claims.claims.map(({ comparison }) => comparison.method))].sort();
  const groups = [...group(answer.measures, titleOf)];
  const explained = methods.map((method) => html`<li><code>${method}</code>: ${methodSources[method]}.</li>`);
  const content = html`<p>Measures share the error rate of their family: ${familiesText(families)}. Means are over ${imageSetsText(claims.claims)}; bootstraps take ${whole(resamples)} resamples with the seed ${seed}.</p>
<ul class="aside">${explained}</ul>
${groups.map(([title, measures]) => foldedTable(`${title}: ${count(measures.flatMap(claimsOfMeasure).length, 'claim')}`, claimTable(answer, measures)))}
${answer.measures.map((measure) => definitionsTable(answer, measure))}`;
  return section('claims', 'Claims', content);
}

function titleOf({ aspect, main, others }: Measure): string {
  const family = (main ?? [...others.values()][0])?.family;
  return family === 'companion' ? `${aspectTitle(aspect)}, read beside` : aspectTitle(aspect);
}

const head = [
  ...[
    'Measure',
    'Sparsity',
    'Against',
    'Pruned',
    'Reference',
    'Difference',
    'Interval of the family',
    'Verdict',
    'Margin',
  ],
  ...['Detectable', 'p, adjusted', '95\u202f% by itself', 'p by itself', 'd_z', 'Higher / lower on'],
  ...['Same sign in other definitions', 'n, units \u00d7 replicates', 'Other image sets', 'Method'],
];

function claimTable(answer: Answer, measures: readonly Measure[]) {
  return {
    caption:
      'Pruned minus what it is held against, paired by sample. A trend is the difference at its sparsest level by a line through no difference at no sparsity.',
    head,
    rows: measures.flatMap((measure) =>
      claimsOfMeasure(measure).map((claim) => claimRow(answer.nameOf(measure), claim)),
    ),
    numbersFrom: 3,
  };
}

function claimRow(name: string, claim: Claim): Part[] {
  const { question, means, comparison, interval, verdict, why, margin, detectable, elsewhere } = claim;
  const { difference, standardised, higher, lower, n, method } = comparison;
  const mean = (value: number | undefined) =>
    value !== undefined && Number.isFinite(value) ? valueText(question, value) : '\u2013';
  return [
    html`<span class="anchor" id="${claim.id}">${name}</span><code class="preset">${question.pairs[0]!.treated.preset}</code>`,
    placeText(claim),
    againstText(claim),
    mean(means?.treated),
    mean(means?.reference),
    n === 0 ? '\u2013' : differenceText(question, difference, interval),
    interval ? intervalText(question, interval) : 'none',
    html`${verdict === 'different' ? html`<strong>${verdict}</strong>` : verdict}${why !== null && html`<span class="sub">${why}</span>`}`,
    margin === null ? 'none' : sizeEitherWay(question, margin),
    detectable === null ? '\u2013' : plainSize(question, detectable),
    ...probabilities(claim),
    standardised === null ? '\u2013' : decimal(standardised, 2),
    `${fixedPercent(higher, 0)} / ${fixedPercent(lower, 0)}`,
    definitionsCell(claim),
    sizesCell(claim),
    elsewhere.length === 0 ? '\u2013' : elsewhere.map((other) => elsewhereText(question, other)),
    html`<code>${method}</code>`,
  ];
}

function probabilities({ question, adjusted, isBound, comparison }: Claim): Part[] {
  return [
    adjusted === null ? '\u2013' : pText(adjusted, isBound),
    comparison.interval ? intervalText(question, comparison.interval) : 'none',
    comparison.p === null ? '\u2013' : pText(comparison.p, comparison.isBound),
  ];
}

function definitionsCell(claim: Claim): string {
  const { distinct, sameSign, copies } = definitionCounts(claim);
  if (distinct === 0) return copies === 0 ? 'none tried' : 'near-copies alone';
  return `${sameSign} of ${distinct}`;
}

function sizesCell({ comparison: { n, units, areGroups, seeds, draws }, replicates }: Claim): string {
  const shared = draws > 0 ? ` \u00d7 ${draws} draws` : '';
  return `${whole(n)}${areGroups ? ` in ${whole(units)} classes` : ''} \u00d7 ${seeds} ${seeds === 1 ? replicates.slice(0, -1) : replicates}${shared}`;
}

function elsewhereText(question: Worded, { imageSet, comparison }: Claim['elsewhere'][number]): Html {
  const { difference, interval, n } = comparison;
  const value = n === 0 ? 'no images' : differenceText(question, difference, interval);
  return html`<span class="line">${imageSet}: ${value}${interval && ` (${intervalText(question, interval)})`}, n ${n}</span>`;
}

/** The differences under every definition, level by level. */
function definitionsTable(answer: Answer, measure: Measure): Html | null {
  const levels = measure.main?.levels ?? [];
  const names = [...new Set(levels.flatMap(({ definitions }) => definitions.map(({ name }) => name)))];
  if (names.length === 0) return null;
  const row = (name: string, cell: (claim: Claim) => Part): Part[] => [name, ...levels.map(cell)];
  const own = ({ question, comparison }: Claim) => differenceText(question, comparison.difference, comparison.interval);
  const other = (name: string) => (claim: Claim) => {
    const found = claim.definitions.find((definition) => definition.name === name);
    if (!found) return '\u2013';
    const text = differenceText(claim.question, found.difference, found.interval);
    if (!found.sameSign) return html`<span class="bad">${text}</span><span class="sub">other sign</span>`;
    return found.copies === undefined
      ? text
      : html`${text}<span class="sub">copies ${found.copies ?? 'the first'}</span>`;
  };
  return foldedTable(`Definitions: ${answer.nameOf(measure)}`, {
    caption:
      'Difference when the measure is defined otherwise. The first row is the definition that claims go by. What nearly copies another, sample by sample, is not counted beside it.',
    head: ['Definition', ...levels.map(levelText)],
    rows: [row(measure.preset, own), ...names.map((name) => row(name, other(name)))],
  });
}
