import {
  type Answer,
  type Claim,
  decimal,
  decisive,
  differenceText,
  intervalText,
  levelText,
  type Measure,
} from '@espalier/analysis';
import { type Html, html, table } from '@espalier/html';

// Cohen's words for d: small, medium, large; then twice and four times as large.
const steps = [0.2, 0.5, 0.8, 1.6, 3.2];

/**
 * Measures over levels: the signed effect size of each, against what the study holds pruning against. Colour says how far, hatching that
 * nothing is shown, a ring that it is equivalent. Every cell leads to its claim.
 */
export function heatMap(answer: Answer, measures: readonly Measure[]): Html | null {
  const levels = levelsOfMeasures(measures);
  if (levels.length === 0) return null;
  const hasTrends = measures.some(({ main }) => main?.trend);
  const rows = measures.map((measure) => {
    const { trend, levels: own } = measure.main!;
    const cells = levels.map((level) => cell(own.find(({ question }) => question.level === level)));
    return [html`${answer.nameOf(measure)}`, ...(hasTrends ? [cell(trend ?? undefined)] : []), ...cells];
  });
  const head = levels.map((level) => levelText(claimAt(measures, level)));
  return html`<div class="heat">${table(
    {
      caption: html`Effect beside its spread (d<sub>z</sub>), pruned minus ${referenceName(measures)}. ${legend()}`,
      head: ['Measure', ...(hasTrends ? ['Trend'] : []), ...head],
      rows,
    },
    'Effects by measure and level',
  )}</div>`;
}

function levelsOfMeasures(measures: readonly Measure[]): readonly number[] {
  const all = measures.flatMap(({ main }) => main?.levels.map(({ question }) => question.level) ?? []);
  return [...new Set(all)].sort((a, b) => a - b);
}

function claimAt(measures: readonly Measure[], level: number): Claim {
  return measures.flatMap(({ main }) => main!.levels).find(({ question }) => question.level === level)!; // one has it
}

function referenceName(measures: readonly Measure[]): string {
  const { against } = (decisive(measures[0]!) ?? measures[0]!.main!.levels[0]!).question;
  return against.kind === 'dense' ? 'dense' : `\u201c${against.arm}\u201d`;
}

function cell(claim: Claim | undefined): Html {
  if (!claim) return html`<span class="none">\u2013</span>`;
  const { id, question, comparison, interval, verdict } = claim;
  const { standardised, difference } = comparison;
  const title = `${differenceText(question, difference, interval)}${interval ? ` (${intervalText(question, interval)})` : ''}: ${verdict}`;
  const text = standardised === null ? (difference === 0 ? '0' : '\u2013') : decimal(standardised, 1);
  return html`<a class="effect ${shade(standardised)} ${verdict}" href="#${id}" title="${title}">${text}<span class="visually-hidden">, ${verdict}</span></a>`;
}

/** `low-3`: which way and how far, in steps. */
function shade(effect: number | null): string {
  if (effect === null) return 'even';
  const step = steps.filter((least) => Math.abs(effect) >= least).length;
  if (step === 0) return 'even';
  return `${effect > 0 ? 'high' : 'low'}-${step}`;
}

function legend(): Html {
  return html`<span class="keys"><span class="effect low-3 different">lower</span> <span class="effect high-3 different">higher</span> <span class="effect even equivalent">equivalent</span> <span class="effect low-2 inconclusive">inconclusive</span></span>`;
}
