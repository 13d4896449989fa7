import {
  type Answer,
  aspectTitle,
  type Claim,
  controlOf,
  count,
  decimal,
  differenceText,
  familiesText,
  fixedPercent,
  imageSetText,
  intervalText,
  isChange,
  levelText,
  type Measure,
  pText,
  valueText,
  type Worded,
  whole,
  whyUntold,
} from '@espalier/analysis';
import { foldedTable, type Html, html, type Part } from '@espalier/html';
import { methodSources } from '@espalier/numerics';
import { group } from 'd3-array';
import type { PageData } from '../page-data.ts';
import { absent, section } from '../parts/section.ts';

/** The numbers behind every sentence, one row per claim, and how each measure fares under other definitions. */
export function claimsSection({ answer, claims }: PageData): Html {
  if (!answer) return section('claims', 'Claims', absent('No claims: nothing was compared.'));
  const { families, resamples, seed } = claims;
  const methods = [...new Set(claims.claims.map(({ comparison }) => comparison.method))].sort();
  const groups = [...group(answer.measures, titleOf)];
  const explained = methods.map((method) => html`<li><code>${method}</code>: ${methodSources[method]}.</li>`);
  const content = html`<p>Holm’s correction is made within each family: ${familiesText(families)}. Means are over ${imageSetText[claims.claims[0]!.imageSet]}; bootstraps take ${whole(resamples)} resamples with the seed ${seed}.</p>
<ul class="aside">${explained}</ul>
${groups.map(([title, measures]) => foldedTable(`${title}: ${count(claimsOf(measures).length, 'claim')}`, claimTable(answer, measures)))}
${answer.measures.map((measure) => definitionsTable(answer, measure))}`;
  return section('claims', 'Claims', content);
}

function titleOf({ aspect, family }: Measure): string {
  return family === 'companion' ? `${aspectTitle(aspect)}, read beside` : aspectTitle(aspect);
}

function claimsOf(measures: readonly Measure[]): Claim[] {
  return measures.flatMap(({ dense, controls }) => [dense, ...controls.values()].flat());
}

function claimTable(answer: Answer, measures: readonly Measure[]) {
  return {
    caption: 'Pruned minus what it is held against, paired by sample. Bold: a change after correction.',
    head: [
      ...[
        'Measure',
        'Sparsity',
        'Against',
        'Pruned',
        'Reference',
        'Difference',
        '95\u202f% interval',
        'p, Holm',
        'p',
        'd_z',
      ],
      ...['Higher / lower on', 'Same sign in other definitions', 'n \u00d7 seeds', 'Other image sets', 'Method'],
    ],
    rows: measures.flatMap((measure) => claimsOf([measure]).map((claim) => claimRow(answer.nameOf(measure), claim))),
    numbersFrom: 3,
  };
}

function claimRow(name: string, claim: Claim): Part[] {
  const { question, means, comparison, adjusted, definitions, elsewhere } = claim;
  const { interval, difference, p, standardised, higher, lower, n, seeds, method } = comparison;
  const change = differenceText(question, difference, interval);
  const mean = (value: number) => (Number.isFinite(value) ? valueText(question, value) : '\u2013');
  return [
    html`<span class="anchor" id="${claim.id}">${name}</span><code class="preset">${question.seeds[0]!.treated.preset}</code>`,
    levelText(claim),
    controlOf(claim) || 'dense',
    mean(means.treated),
    mean(means.reference),
    n === 0 ? '\u2013' : isChange(claim) ? html`<strong>${change}</strong>` : change,
    interval ? intervalText(question, interval) : 'none',
    adjusted === null ? '\u2013' : pText(adjusted),
    p === null ? '\u2013' : pText(p),
    standardised === null ? '\u2013' : decimal(standardised, 2),
    `${fixedPercent(higher, 0)} / ${fixedPercent(lower, 0)}`,
    definitions.length === 0
      ? 'none tried'
      : `${definitions.filter(({ sameSign }) => sameSign).length} of ${definitions.length}`,
    `${whole(n)} \u00d7 ${seeds}`,
    elsewhere.length === 0 ? '\u2013' : elsewhere.map((other) => elsewhereText(question, other)),
    html`<code>${method}</code>${claim.verdict === 'cannot-tell' && html`<span class="sub">${whyUntold(claim)}</span>`}`,
  ];
}

function elsewhereText(question: Worded, { imageSet, comparison }: Claim['elsewhere'][number]): Html {
  const { difference, interval, n } = comparison;
  const value = n === 0 ? 'no images' : differenceText(question, difference, interval);
  return html`<span class="line">${imageSet}: ${value}${interval && ` (${intervalText(question, interval)})`}, n ${n}</span>`;
}

/** The differences to dense under every definition, level by level. */
function definitionsTable(answer: Answer, measure: Measure): Html | null {
  const names = [...new Set(measure.dense.flatMap(({ definitions }) => definitions.map(({ name }) => name)))];
  if (names.length === 0) return null;
  const row = (name: string, cell: (claim: Claim) => Part): Part[] => [name, ...measure.dense.map(cell)];
  const own = ({ question, comparison }: Claim) => differenceText(question, comparison.difference, comparison.interval);
  const other = (name: string) => (claim: Claim) => {
    const found = claim.definitions.find((definition) => definition.name === name);
    if (!found) return '\u2013';
    const text = differenceText(claim.question, found.difference, found.interval);
    return found.sameSign ? text : html`<span class="bad">${text}</span><span class="sub">other sign</span>`;
  };
  return foldedTable(`Definitions: ${answer.nameOf(measure)}`, {
    caption:
      'Difference to dense when the measure is defined otherwise. The first row is the definition that claims go by.',
    head: ['Definition', ...measure.dense.map(levelText)],
    rows: [row(measure.preset, own), ...names.map((name) => row(name, other(name)))],
  });
}
