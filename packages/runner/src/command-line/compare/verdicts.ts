import type { Pairing, RecordedClaim } from '@espalier/analysis';
import { foldedTable, type Html, html, type Part, table } from '@espalier/html';
import type { Comparison } from './comparison.ts';
import { estimatesChart } from './drawing.ts';
import {
  againstWords,
  caution,
  eitherOf,
  estimateText,
  findingWords,
  measureText,
  otherwise,
  placeWords,
} from './words.ts';

// More than this is not read on a page; the JSON has all.
const mostRows = 400;

/** Claims with another verdict, then folded away those with the same and those that one run has alone. */
export function verdictsSection(comparison: Comparison): Html {
  const { differing, agreeing, single } = comparison;
  const [onlyA, onlyB] = [single.filter(({ a }) => a), single.filter(({ b }) => b)];
  const none =
    agreeing.length === 0 ? 'The runs have no claim in common.' : 'No claim that both have comes to another verdict.';
  return html`${differing.length === 0 ? html`<p class="absent">${none}</p>` : html`<p class="note">${caution}</p>${table(contentOf(comparison, differing, 'Claims that come to another verdict; endpoints first'), 'Verdicts that differ')}`}
${more(differing)}
${folded(comparison, agreeing, 'with the same verdict')}
${folded(comparison, onlyA, 'only in A')}
${folded(comparison, onlyB, 'only in B')}`;
}

function folded(comparison: Comparison, pairs: readonly Pairing<RecordedClaim>[], which: string): Html | null {
  if (pairs.length === 0) return null;
  const summary = `${pairs.length} ${pairs.length === 1 ? 'claim' : 'claims'} ${which}`;
  return html`${foldedTable(summary, contentOf(comparison, pairs, summary))}${more(pairs)}`;
}

function more(pairs: readonly unknown[]): Html | null {
  if (pairs.length <= mostRows) return null;
  return html`<p class="aside">And ${pairs.length - mostRows} more: <code>espalier compare --json</code> has all.</p>`;
}

function contentOf(comparison: Comparison, pairs: readonly Pairing<RecordedClaim>[], caption: string) {
  const rows = pairs
    .slice(0, mostRows)
    .map((pair): Part[] => [
      html`${measureText(comparison, pair)}${[armText(comparison, pair), ...otherwise(pair)].map((text) => text !== '' && html`<span class="sub">${text}</span>`)}`,
      placeWords(pair),
      againstWords(eitherOf(pair)),
      sideCell(pair.a),
      sideCell(pair.b),
      drawn(pair),
    ]);
  const sides = [html`<span class="letter">A</span>`, html`<span class="letter b">B</span>`];
  return {
    caption,
    head: ['Measure', 'Sparsity', 'Against', ...sides, 'Estimates with intervals'],
    rows,
    numbersFrom: 6,
  };
}

/** The arm that is asked about, where runs ask about several. */
function armText({ a, b }: Comparison, pair: Pairing<RecordedClaim>): string {
  const arms = new Set([a, b].flatMap(({ results }) => results.claims.claims.map(({ arm }) => String(arm))));
  const { arm } = eitherOf(pair);
  return arms.size > 1 && arm !== null ? `of \u201c${arm}\u201d` : '';
}

function sideCell(claim: RecordedClaim | null): Part {
  if (!claim) return html`<span class="absent">none</span>`;
  return html`${findingWords(claim)}<span class="sub">${estimateText(claim)}</span>${claim.why !== null && html`<span class="sub">${claim.why}</span>`}`;
}

function drawn({ a, b }: Pairing<RecordedClaim>): Html {
  const sides = (
    [
      ['a', a],
      ['b', b],
    ] as const
  ).flatMap(([side, claim]) => (claim ? [{ side, claim }] : []));
  const label = sides.map(({ side, claim }) => `${side.toUpperCase()} ${estimateText(claim)}`).join('; ');
  const estimates = sides.map(({ side, claim: { difference, interval } }) => ({ side, at: difference, interval }));
  return estimatesChart(estimates, label);
}
